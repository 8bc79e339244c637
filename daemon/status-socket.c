/* SPDX-License-Identifier: MIT */
/*
 * The unix socket at which a shinyd that runs is asked.
 */
#include "status-socket.h"

#include "log.h"

#include <errno.h>
#include <glib.h>
#include <shiny.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OWNER_ONLY 0600

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
		log_write(
			r == -EADDRINUSE ? SHINY_LOG_WARNING : level,
			"status_socket: cannot listen at %s: %s; --status and --reload have nobody "
			"to ask",
			path, strerror(-r));
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
