/* SPDX-License-Identifier: MIT */
/*
 * A function run in a child process: fork(2), a pipe, and the end of the child.
 *
 * The child leaves by _exit(2), so that exit handlers of a plugin which was only looked at do not
 * run.
 */
#include "process/subprocess.h"

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

int subprocess_start(void (*func)(void *arg, int to), void *arg, struct subprocess *ret)
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
	*ret = (struct subprocess){
		.pid = pid,
		.fd = ends[0],
		.deadline_ms = clock_now_ms() + SUBPROCESS_TIMEOUT_MS,
		.text = g_string_new(NULL),
	};
	return 0;
}

bool subprocess_read(struct subprocess *subprocess, int64_t now_ms)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(subprocess->fd, buf, sizeof(buf))) > 0) {
		if (subprocess->text->len + (size_t)n > SUBPROCESS_TEXT_MAX) {
			subprocess->too_long = true;
			return true;
		}
		g_string_append_len(subprocess->text, buf, n);
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		subprocess->timed_out = now_ms >= subprocess->deadline_ms;
		return subprocess->timed_out;
	}
	return true;
}

void subprocess_wait(struct subprocess *subprocess)
{
	struct pollfd wait = { subprocess->fd, POLLIN, 0 };
	int64_t now_ms = clock_now_ms();

	while (!subprocess_read(subprocess, now_ms)) {
		poll(&wait, 1, (int)(subprocess->deadline_ms - now_ms));
		now_ms = clock_now_ms();
	}
}

int subprocess_finish(struct subprocess *subprocess)
{
	int status = 0;

	/* One that has ended keeps its status; one that only closed the pipe must not go on. */
	kill(subprocess->pid, SIGKILL);
	while (waitpid(subprocess->pid, &status, 0) < 0 && errno == EINTR) {
	}
	close(subprocess->fd);
	g_string_free(subprocess->text, TRUE);
	*subprocess = (struct subprocess){
		.fd = -1,
		.timed_out = subprocess->timed_out,
		.too_long = subprocess->too_long,
	};
	return status;
}

void subprocess_explain(const struct subprocess *subprocess, int status, char *error)
{
	char how[128];

	if (subprocess->timed_out) {
		snprintf(error, SHINY_ERROR_MAX, "was not loaded and checked within %d s",
			 SUBPROCESS_TIMEOUT_MS / 1000);
		return;
	}
	if (subprocess->too_long) {
		snprintf(error, SHINY_ERROR_MAX,
			 "the process that loaded and checked it wrote more than %zu KiB",
			 SUBPROCESS_TEXT_MAX / 1024);
		return;
	}
	wait_status_describe(status, how, sizeof(how));
	snprintf(error, SHINY_ERROR_MAX, "the process that loaded and checked it %s", how);
}
