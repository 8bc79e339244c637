/* SPDX-License-Identifier: MIT */
/*
 * The status socket: bound, accepted from, and removed.
 */
#include "status/status-socket.h"

#include "log/log.h"

#include <errno.h>
#include <glib.h>
#include <shiny.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OWNER_ONLY 0600

/* How long clients wait after accept(2) failed: poll(2) would report them again at once. */
#define ACCEPT_AGAIN_MS 1000

static const char *remedy(int error)
{
	return error == ENOENT ? "; create its folder, or set status_socket = PATH in [shinyd]"
			       : "; set another status_socket = PATH in [shinyd]";
}

void status_socket_open(const char *path, enum shiny_log_level level, struct status_socket *ret)
{
	struct shiny_options options = SHINY_OPTIONS;
	char *address = g_strconcat("unix://", path, NULL);
	int r;

	*ret = (struct status_socket){ .fd = -1 };
	options.unix_mode = OWNER_ONLY;
	r = shiny_bind(address, &options, &ret->fd);
	if (r < 0) {
		/* Clients would get the status of another shinyd. */
		log_write(
			r == -EADDRINUSE ? SHINY_LOG_WARNING : level,
			"status_socket: cannot listen at %s: %s; --status and --reload have nobody "
			"to ask%s",
			path, strerror(-r), remedy(-r));
	} else {
		socket_file_init(path, &ret->file);
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

int status_socket_watch(const struct status_socket *socket, int64_t now_ms)
{
	return now_ms >= socket->again_ms ? socket->fd : -1;
}

int64_t status_socket_timeout(const struct status_socket *socket, int64_t now_ms)
{
	return now_ms < socket->again_ms ? socket->again_ms : INT64_MAX;
}

static bool is_no_failure(int error)
{
	return error == EAGAIN || error == EINTR || error == ECONNABORTED;
}

int status_socket_accept(struct status_socket *socket, int64_t now_ms)
{
	int fd, error;

	if (socket->fd < 0 || now_ms < socket->again_ms) {
		return -1;
	}
	fd = accept4(socket->fd, NULL, NULL, SOCK_CLOEXEC);
	error = fd < 0 ? errno : 0;
	if (fd < 0 && !is_no_failure(error)) {
		if (socket->again_ms == 0) {
			log_write(SHINY_LOG_WARNING,
				  "status_socket: accepting fails: %s; clients wait",
				  strerror(error));
		}
		socket->again_ms = now_ms + ACCEPT_AGAIN_MS;
	} else if (fd >= 0) {
		socket->again_ms = 0;
	}
	return fd;
}
