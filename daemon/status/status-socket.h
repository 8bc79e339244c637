/* SPDX-License-Identifier: MIT */
/*
 * The unix socket at which a shinyd that runs is asked for its status or for a reload.
 *
 * Only its owner and root may connect. See status-server.h for what is said there. Called by
 * supervisor.c.
 */
#ifndef SHINYD_STATUS_SOCKET_H
#define SHINYD_STATUS_SOCKET_H

#include "listen/socket-file.h"

#include <shiny-plugin.h>
#include <stdint.h>

struct status_socket {
	int fd;		  /* -1: there is none */
	int64_t again_ms; /* accepting has failed, and is tried again then; 0: it works */
	struct socket_file file;
};

/*
 * status_socket_open() - listen at @path
 *
 * If that fails, which is logged at @level, there is no status socket, and all else goes on. That
 * another one listens there is worth a warning.
 *
 * Owner:   *@ret is the caller's, for status_socket_close().
 */
void status_socket_open(const char *path, enum shiny_log_level level, struct status_socket *ret);

/* status_socket_close() - and remove its file, if it still is */
void status_socket_close(struct status_socket *socket);

/* status_socket_watch() - what to poll for input; -1: nothing now */
int status_socket_watch(const struct status_socket *socket, int64_t now_ms);

/* status_socket_timeout() - when it is to be watched again after an error; INT64_MAX: it is now */
int64_t status_socket_timeout(const struct status_socket *socket, int64_t now_ms);

/*
 * status_socket_accept() - somebody who asks, without waiting; -1: nobody does
 *
 * Where that fails, as without a free descriptor, they wait in the backlog for a second; the log
 * says so once.
 */
int status_socket_accept(struct status_socket *socket, int64_t now_ms);

#endif
