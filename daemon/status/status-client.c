/* SPDX-License-Identifier: MIT */
/*
 * --status and --reload: connect, send a line, read until the end mark.
 */
#include "status/status-client.h"

#include "log/log.h"
#include "status/status-server.h"
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

/* How long the supervisor may send nothing; it replies in its next turn. */
#define REPLY_TIMEOUT_MS 5000

#define REPLY_MAX	 (64 << 20) /* bytes; far more than any report has */

/* The backlog may be full, as that of a stopped shinyd: then connecting waits as long, too. */
static int connect_to(const char *path)
{
	const struct timeval timeout = { REPLY_TIMEOUT_MS / 1000, 0 };
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
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		r = errno == EAGAIN ? -ETIMEDOUT : -errno;
		close(fd);
		return r;
	}
	return fd;
}

static bool is_complete(const GString *reply)
{
	return reply->len > 0 && reply->str[reply->len - 1] == STATUS_REPLY_END;
}

/* Returns 0, complete or not; -ETIMEDOUT at @end_ms; -EFBIG; -EPIPE: it ended before; -errno. */
static int receive_some(int fd, GString *reply, int64_t end_ms)
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
		g_string_append_len(reply, buf, n);
		return reply->len > REPLY_MAX ? -EFBIG : 0;
	}
	if (n == 0) {
		return -EPIPE;
	}
	if (errno == ECONNRESET) {
		return -EPIPE; /* it ended with the request unread */
	}
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/* @each: the timeout begins again with every byte. */
static int receive(int fd, GString *reply, bool each)
{
	int64_t end_ms = clock_now_ms() + REPLY_TIMEOUT_MS;
	int r = 0;

	while (r == 0 && !is_complete(reply)) {
		r = receive_some(fd, reply, end_ms);
		end_ms = each ? clock_now_ms() + REPLY_TIMEOUT_MS : end_ms;
	}
	return r;
}

static const char *explain(int error)
{
	switch (error) {
	case ETIMEDOUT:
		return "there is no reply in time: shinyd may be stopped";
	case EFBIG:
		return "its reply does not end";
	case EPIPE:
		return "its reply is incomplete";
	default:
		return strerror(error);
	}
}

/* The reply, also where it is not complete; returns as receive(). */
static int request_reply(const char *path, const char *request, bool each, GString *reply)
{
	int fd = connect_to(path);
	int r;

	if (fd < 0) {
		return fd;
	}
	/* If this fails there is no reply either. */
	(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
	r = receive(fd, reply, each);
	close(fd);
	return r;
}

/* Replies contain names that others have chosen: they are made printable. */
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
	print_message(stderr, "%s", line);
}

static enum exit_code fail(const char *path, int r)
{
	print_message(stderr, "cannot reach status_socket = %s: %s", path, explain(-r));
	return EXIT_CODE_RUNTIME;
}

enum exit_code status_client_print(const char *path)
{
	GString *reply = g_string_new(NULL);
	int r = request_reply(path, "status\n", false, reply);

	print_lines(reply->str, print_report);
	g_string_free(reply, TRUE);
	return r < 0 ? fail(path, r) : EXIT_CODE_OK;
}

enum exit_code status_client_reload(const char *path)
{
	GString *reply = g_string_new(NULL);
	int r = request_reply(path, "reload\n", true, reply);
	enum exit_code code = EXIT_CODE_RUNTIME;
	char *text;

	if (r < 0) {
		g_string_free(reply, TRUE);
		return fail(path, r);
	}
	code = (enum exit_code)strtoul(reply->str, &text, 10); /* past the empty lines */
	print_lines(text + strspn(text, "\n"), code == EXIT_CODE_OK ? print_report : print_error);
	g_string_free(reply, TRUE);
	return code;
}
