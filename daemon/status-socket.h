/* SPDX-License-Identifier: MIT */
/*
 * The unix socket through which shinyd --status asks a shinyd that runs: whoever connects gets the
 * report, a byte of 0 that says that it is whole, and the end of the stream. Only its owner and
 * root may connect.
 */
#ifndef SHINYD_STATUS_SOCKET_H
#define SHINYD_STATUS_SOCKET_H

#include "exit-code.h"
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

/* status_socket_answer() - give @text to @fd and close it; what does not fit at once is lost */
void status_socket_answer(int fd, const char *text);

/* status_socket_ask() - print what the shinyd at @path answers */
enum exit_code status_socket_ask(const char *path);

#endif
