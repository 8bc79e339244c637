/* SPDX-License-Identifier: MIT */
/*
 * What waitpid(2) reports, in words: an exit status or a signal.
 */
#include "process/wait-status.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

void wait_status_describe(int status, char *buf, size_t size)
{
	const char *name;

	if (!WIFSIGNALED(status)) {
		snprintf(buf, size, "exited with status %d", WEXITSTATUS(status));
		return;
	}
	name = sigabbrev_np(WTERMSIG(status));
	if (name != NULL) {
		snprintf(buf, size, "was killed by SIG%s (%s)", name, strsignal(WTERMSIG(status)));
	} else {
		snprintf(buf, size, "was killed by signal %d", WTERMSIG(status));
	}
}
