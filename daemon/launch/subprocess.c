/* SPDX-License-Identifier: MIT */
/*
 * A process that answers with a text and ends.
 *
 * Its standard output and error are a piece of memory that cannot grow: it never waits for somebody
 * to read there, and nobody has to.
 */
#include "launch/subprocess.h"

#include "launch/launch.h"
#include "log/log.h"
#include "process/sealed-memory.h"
#include "process/wait-status.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_SIZE ((size_t)64 * 1024)

/* Lines of it that are logged. */
#define OUTPUT_LINES_MAX 100

static int launch(const struct description *description, const char *title, int to, int output)
{
	struct description own = *description;
	int handed[] = { -1, to };
	const struct launch launch = {
		.title = title,
		.output = output,
		.handed = handed,
		.handed_count = G_N_ELEMENTS(handed),
	};
	pid_t pid;

	own.supervisor = getpid();
	own.started_by_root = geteuid() == 0;
	handed[0] = description_write(&own);
	if (handed[0] < 0) {
		return handed[0];
	}
	pid = launch_start(&launch);
	close(handed[0]);
	return pid;
}

/* The process, with its output in *@ret_output. */
static int launch_with_output(const struct description *description, const char *title, int to,
			      char **ret_output)
{
	void *output;
	int fd, pid;
	int r = sealed_create("shinyd-output", OUTPUT_SIZE, SEALED_ALL_WRITE, &fd, &output);

	if (r < 0) {
		return r;
	}
	pid = launch(description, title, to, fd);
	close(fd);
	if (pid < 0) {
		munmap(output, OUTPUT_SIZE);
	} else {
		*ret_output = output;
	}
	return pid;
}

int subprocess_start(const struct description *description, const char *title,
		     struct subprocess *ret)
{
	char *output = NULL;
	int ends[2], pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return -errno;
	}
	pid = launch_with_output(description, title, ends[1], &output);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return pid;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*ret = (struct subprocess){
		.pid = pid,
		.fd = ends[0],
		.deadline_ms = clock_now_ms() + SUBPROCESS_TIMEOUT_MS,
		.text = g_string_new(NULL),
		.output = output,
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

/* Of memory that the process may still write to. */
void subprocess_log_output(const struct subprocess *subprocess, const char *who)
{
	char *text = g_strndup(subprocess->output, OUTPUT_SIZE);
	char **lines = g_strsplit(text, "\n", OUTPUT_LINES_MAX + 1);

	for (size_t i = 0; lines[i] != NULL && i < OUTPUT_LINES_MAX; i++) {
		if (*lines[i] != '\0') {
			log_write(SHINY_LOG_NOTICE, "%s wrote: %s", who, lines[i]);
		}
	}
	g_strfreev(lines);
	g_free(text);
}

int subprocess_finish(struct subprocess *subprocess)
{
	int status = 0;

	/* One that has ended keeps its status; one that only closed the pipe, or said too much, must not go on. */
	kill(subprocess->pid, SIGKILL);
	while (waitpid(subprocess->pid, &status, 0) < 0 && errno == EINTR) {
	}
	close(subprocess->fd);
	munmap(subprocess->output, OUTPUT_SIZE);
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
