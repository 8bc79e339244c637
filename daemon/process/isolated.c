/* SPDX-License-Identifier: MIT */
/*
 * A function run in a child process.
 */
#include "process/isolated.h"

#include "process/wait-status.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <shiny-plugin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int isolated_start(void (*func)(void *arg, int to), void *arg, struct isolated *ret)
{
	pid_t parent = getpid();
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return -errno;
	}
	fflush(NULL); /* lest the child write it again */
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent) {
			func(arg, ends[1]);
		}
		_exit(EXIT_SUCCESS); /* without the exit handlers of a plugin that was not used */
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -errno;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*ret = (struct isolated){
		.pid = pid,
		.fd = ends[0],
		.deadline_ms = clock_now_ms() + ISOLATED_TIMEOUT_MS,
		.text = g_string_new(NULL),
	};
	return 0;
}

bool isolated_read(struct isolated *isolated, int64_t now_ms)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(isolated->fd, buf, sizeof(buf))) > 0) {
		g_string_append_len(isolated->text, buf, n);
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		isolated->late = now_ms >= isolated->deadline_ms;
		return isolated->late;
	}
	return true;
}

void isolated_wait(struct isolated *isolated)
{
	struct pollfd wait = { isolated->fd, POLLIN, 0 };
	int64_t now_ms = clock_now_ms();

	while (!isolated_read(isolated, now_ms)) {
		poll(&wait, 1, (int)(isolated->deadline_ms - now_ms));
		now_ms = clock_now_ms();
	}
}

int isolated_finish(struct isolated *isolated)
{
	int status = 0;

	/* One that has ended keeps its status; one that only closed the pipe must not go on. */
	kill(isolated->pid, SIGKILL);
	while (waitpid(isolated->pid, &status, 0) < 0 && errno == EINTR) {
	}
	close(isolated->fd);
	g_string_free(isolated->text, TRUE);
	*isolated = (struct isolated){ .fd = -1, .late = isolated->late };
	return status;
}

void isolated_explain(const struct isolated *isolated, int status, char *error)
{
	char how[128];

	if (isolated->late) {
		snprintf(error, SHINY_ERROR_MAX, "was not loaded and checked within %d s",
			 ISOLATED_TIMEOUT_MS / 1000);
		return;
	}
	wait_status_describe(status, how, sizeof(how));
	snprintf(error, SHINY_ERROR_MAX, "the process that loaded and checked it %s", how);
}
