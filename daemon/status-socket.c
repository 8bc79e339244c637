/* SPDX-License-Identifier: MIT */
/*
 * The unix socket through which shinyd --status asks a shinyd that runs.
 */
#include "status-socket.h"

#include "log.h"
#include "printable.h"

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <shiny.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define OWNER_ONLY 0600

/* Stands behind a report, which may have been too long for the socket. */
#define END_MARK '\0'

void status_socket_open(const char *path, enum shiny_log_level level, struct status_socket *ret)
{
	struct shiny_options options = SHINY_OPTIONS;
	char *address = g_strconcat("unix://", path, NULL);
	int r;

	*ret = (struct status_socket){ .fd = -1 };
	options.unix_mode = OWNER_ONLY;
	r = shiny_bind(address, &options, &ret->fd);
	if (r < 0) {
		/* Whoever asks there would be told of another one. */
		log_write(r == -EADDRINUSE ? SHINY_LOG_WARNING : level,
			  "status_socket: cannot listen at %s: %s", path, strerror(-r));
	} else {
		socket_file_note(path, &ret->file);
	}
	g_free(address);
}

void status_socket_close(struct status_socket *socket)
{
	socket_file_finish(&socket->file);
	if (socket->fd >= 0) {
		close(socket->fd);
	}
	*socket = (struct status_socket){ .fd = -1 };
}

int status_socket_accept(const struct status_socket *socket)
{
	return socket->fd >= 0 ? accept4(socket->fd, NULL, NULL, SOCK_CLOEXEC) : -1;
}

/* Root may have as much as it likes, others what the system allows. */
static void make_room(int fd, int size)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	}
}

void status_socket_answer(int fd, const char *text)
{
	size_t len = strlen(text) + 1; /* with the mark */
	ssize_t n;

	/* Whoever asks and does not read must not hold the supervisor up. */
	make_room(fd, (int)MIN(len, INT_MAX / 2));
	n = send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0) {
		log_write(SHINY_LOG_DEBUG, "status_socket: %s", strerror(errno));
	} else if ((size_t)n < len) {
		log_write(SHINY_LOG_WARNING,
			  "status_socket: there was room for %zd of the report's %zu bytes", n,
			  len);
	}
	close(fd);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* The report holds names of others' making. */
static void print_report(const char *report)
{
	char **lines = g_strsplit(report, "\n", -1);

	for (size_t i = 0; lines[i] != NULL; i++) {
		fputs(printable(lines[i]), stdout);
		if (lines[i + 1] != NULL) {
			fputc('\n', stdout);
		}
	}
	g_strfreev(lines);
}

enum exit_code status_socket_ask(const char *path)
{
	int fd = connect_to(path);
	GString *report;
	bool whole;
	char buf[4096];
	ssize_t n;

	if (fd < 0) {
		print_line(stderr, "cannot ask at status_socket = %s: %s", path, strerror(errno));
		return EXIT_CODE_RUNTIME;
	}
	report = g_string_new(NULL);
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		g_string_append_len(report, buf, n);
	}
	close(fd);
	whole = report->len > 0 && report->str[report->len - 1] == END_MARK;
	print_report(report->str);
	g_string_free(report, TRUE);
	if (!whole) {
		print_line(stderr, "the report from %s is cut off", path);
	}
	return whole ? EXIT_CODE_OK : EXIT_CODE_RUNTIME;
}
