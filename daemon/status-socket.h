/* SPDX-License-Identifier: MIT */
/*
 * The unix socket at which a shinyd that runs is asked; see askers.h for what is said there. Only its
 * owner and root may connect.
 */
#ifndef SHINYD_STATUS_SOCKET_H
#define SHINYD_STATUS_SOCKET_H

#include "socket-file.h"

#include <shiny-plugin.h>

struct status_socket {
	int fd; /* -1: there is none */
	struct socket_file file;
};

/*
 * status_socket_open() - listen at @path
 *
 * Where that does not work, which is logged at @level, there is none: nobody else minds. That
 * another one listens there is worth a warning.
 *
 * Owner:   *@ret is the caller's, for status_socket_close().
 */
void status_socket_open(const char *path, enum shiny_log_level level, struct status_socket *ret);

/* status_socket_close() - and remove its file, if it still is */
void status_socket_close(struct status_socket *socket);

/* status_socket_accept() - somebody who asks, without waiting; -1: nobody does */
int status_socket_accept(const struct status_socket *socket);

#endif
