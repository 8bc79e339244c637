/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "harness.h"

void child_start(struct child *child, const char *const argv[])
{
	int fds[2];

	g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
	*child = (struct child){ .pid = fork(), .fd = fds[0], .output = g_string_new(NULL) };
	g_assert_cmpint(child->pid, >=, 0);
	if (child->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		execvp(argv[0], (char *const *)argv);
		dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
}

/* One read of output. False at its end or if nothing comes until @end, in monotonic microseconds.
 */
static bool read_output(struct child *child, gint64 end)
{
	struct pollfd pfd = { .fd = child->fd, .events = POLLIN };
	gint64 left_ms = (end - g_get_monotonic_time()) / 1000;
	char buf[4096];
	ssize_t n;

	if (poll(&pfd, 1, (int)MAX(left_ms, 0)) <= 0) {
		return false;
	}
	n = read(child->fd, buf, sizeof(buf));
	if (n <= 0) {
		return false;
	}
	g_string_append_len(child->output, buf, n);
	return true;
}

void child_await_output(struct child *child, const char *text)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;

	while (!strstr(child->output->str, text)) {
		if (!read_output(child, end)) {
			harness_fail("no \"%s\" in the output of %d:\n%s", text, (int)child->pid,
				     child->output->str);
		}
	}
}

void child_signal(struct child *child, int signal)
{
	g_assert_cmpint(child->pid, >, 0);
	g_assert_cmpint(kill(child->pid, signal), ==, 0);
}

bool child_has_ended(const struct child *child)
{
	siginfo_t info = { 0 };

	g_assert_cmpint(waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT), ==, 0);
	return info.si_pid != 0;
}

int child_wait(struct child *child)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	int status;

	while (read_output(child, end)) {
	}
	while (waitpid(child->pid, &status, WNOHANG) == 0) {
		if (g_get_monotonic_time() > end) {
			harness_fail("%d has not ended; its output:\n%s", (int)child->pid,
				     child->output->str);
		}
		g_usleep(1000);
	}
	child->pid = 0;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void child_finish(struct child *child)
{
	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
		child->pid = 0;
	}
	if (child->output) {
		g_string_free(child->output, TRUE);
		child->output = NULL;
		close(child->fd);
	}
}

int child_run(const char *const argv[], char **ret_output)
{
	struct child child;
	int status;

	child_start(&child, argv);
	status = child_wait(&child);
	if (ret_output) {
		*ret_output = g_strdup(child.output->str);
	}
	child_finish(&child);
	return status;
}
