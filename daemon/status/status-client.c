/* SPDX-License-Identifier: MIT */
/*
 * shinyd --status and --reload: asking a shinyd that runs.
 */
#include "status/status-client.h"

#include "log/log.h"
#include "status/askers.h"
#include "util/clock.h"
#include "util/printable.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* How long it may say nothing; a supervisor answers in its next turn. */
#define PATIENCE_MS 5000

#define ANSWER_MAX  (64 << 20) /* bytes; far more than any report has */

/* Where the backlog is full, as that of one that is stopped may be, it waits as long, too. */
static int connect_to(const char *path)
{
	const struct timeval patience = { PATIENCE_MS / 1000, 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, r;

	if (strlen(path) >= sizeof(address.sun_path)) {
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -errno;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		r = errno == EAGAIN ? -ETIMEDOUT : -errno;
		close(fd);
		return r;
	}
	return fd;
}

static bool is_whole(const GString *answer)
{
	return answer->len > 0 && answer->str[answer->len - 1] == ASKER_END_MARK;
}

/* Until the mark: 0; -ETIMEDOUT at @end_ms; -EFBIG; -EPIPE: it ended before; or -errno. */
static int receive_some(int fd, GString *answer, int64_t end_ms)
{
	struct pollfd wait = { fd, POLLIN, 0 };
	int64_t left_ms = end_ms - clock_now_ms();
	char buf[65536];
	ssize_t n;

	if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) == 0) {
		return -ETIMEDOUT;
	}
	n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n > 0) {
		g_string_append_len(answer, buf, n);
		return answer->len > ANSWER_MAX ? -EFBIG : 0;
	}
	if (n == 0) {
		return -EPIPE;
	}
	if (errno == ECONNRESET) {
		return -EPIPE; /* it ended with the request unread */
	}
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/* @each: with every byte it has as long again. */
static int receive(int fd, GString *answer, bool each)
{
	int64_t end_ms = clock_now_ms() + PATIENCE_MS;
	int r = 0;

	while (r == 0 && !is_whole(answer)) {
		r = receive_some(fd, answer, end_ms);
		end_ms = each ? clock_now_ms() + PATIENCE_MS : end_ms;
	}
	return r;
}

static const char *explain(int error)
{
	switch (error) {
	case ETIMEDOUT:
		return "it does not answer in time: it may be stopped";
	case EFBIG:
		return "its answer has no end";
	case EPIPE:
		return "its answer is cut off";
	default:
		return strerror(error);
	}
}

/* The answer, also where it is not whole; returns as receive(). */
static int ask(const char *path, const char *request, bool each, GString *answer)
{
	int fd = connect_to(path);
	int r;

	if (fd < 0) {
		return fd;
	}
	/* One that does not take this does not answer either. */
	(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
	r = receive(fd, answer, each);
	close(fd);
	return r;
}

/* Answers hold names of others' making. */
static void print_lines(const char *text, void (*print)(const char *line))
{
	char **lines = g_strsplit(text, "\n", -1);

	for (size_t i = 0; lines[i] != NULL && (*lines[i] != '\0' || lines[i + 1] != NULL); i++) {
		print(printable(lines[i]));
	}
	g_strfreev(lines);
}

static void print_report(const char *line)
{
	printf("%s\n", line);
}

static void print_error(const char *line)
{
	print_line(stderr, "%s", line);
}

static enum exit_code fail(const char *path, int r)
{
	print_line(stderr, "cannot ask at status_socket = %s: %s", path, explain(-r));
	return EXIT_CODE_RUNTIME;
}

enum exit_code status_client_report(const char *path)
{
	GString *answer = g_string_new(NULL);
	int r = ask(path, "status\n", false, answer);

	print_lines(answer->str, print_report);
	g_string_free(answer, TRUE);
	return r < 0 ? fail(path, r) : EXIT_CODE_OK;
}

enum exit_code status_client_reload(const char *path)
{
	GString *answer = g_string_new(NULL);
	int r = ask(path, "reload\n", true, answer);
	enum exit_code code = EXIT_CODE_RUNTIME;
	char *text;

	if (r < 0) {
		g_string_free(answer, TRUE);
		return fail(path, r);
	}
	code = (enum exit_code)strtoul(answer->str, &text, 10); /* past the empty lines */
	print_lines(text + strspn(text, "\n"), code == EXIT_CODE_OK ? print_report : print_error);
	g_string_free(answer, TRUE);
	return code;
}
