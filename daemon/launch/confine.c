/* SPDX-License-Identifier: MIT */
/*
 * What a process that is going to run a plugin's code gives up before it does: root's rights, to
 * outlive its supervisor, and system calls that reach beyond the process.
 */
#include "launch/confine.h"

#include "process/syscall-filter.h"
#include "util/exit-code.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/*
 * Signals of the terminal and those that are meant for the supervisor are ignored. So are SIGPIPE
 * and SIGXFSZ: write(2) reports the same by errno. Signals that whoever started us ignores, as
 * shells do for what runs in the background, get their default action again.
 */
static void reset_signals(void)
{
	static const int ignored[] = { SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ };
	static const int usual[] = { SIGCHLD, SIGQUIT, SIGALRM, SIGTERM };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		signal(ignored[i], SIG_IGN);
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		signal(usual[i], SIG_DFL);
	}
}

/* No such process outlives its supervisor. The change of user resets this, so it comes after. */
static void die_with_supervisor(pid_t supervisor)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != supervisor) {
		_exit(EXIT_CODE_RUNTIME); /* it died before */
	}
}

int confine(const struct description *description, char *error)
{
	int r;

	reset_signals();
	r = privileges_drop(&description->privileges, error);
	if (r < 0) {
		return r;
	}
	die_with_supervisor(description->supervisor);
	return syscall_filter_install(error);
}
