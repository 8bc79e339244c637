/* SPDX-License-Identifier: MIT */
/*
 * Connections to the status socket, and what is replied to them.
 *
 * A client sends one line, "status" or "reload"; one that shuts its side down without a line wants
 * the status. The reply is text with a byte of 0 behind it, which shows that it is complete. To
 * "reload" it begins with the exit code for the client, alone in its line; until it is there an
 * empty line each second shows that the supervisor still works on it.
 *
 * No client can hold the supervisor up: not one that sends nothing, nor one that does not read.
 *
 * Called by supervisor.c; status-client.c is the other end.
 */
#ifndef SHINYD_STATUS_SERVER_H
#define SHINYD_STATUS_SERVER_H

#include "util/exit-code.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATUS_CONNECTIONS_MAX 16   /* at a time; more wait in the socket's backlog */
#define STATUS_REPLY_END       '\0' /* behind a reply */

enum status_connection_state {
	STATUS_CONNECTION_NONE,
	STATUS_CONNECTION_READING,	  /* its request is not complete */
	STATUS_CONNECTION_STATUS,	  /* waits for the status */
	STATUS_CONNECTION_RELOAD_PENDING, /* waits for a reload to begin */
	STATUS_CONNECTION_RELOAD_RUNNING, /* waits for the result of the reload that runs */
};

struct status_connection {
	enum status_connection_state state;
	int fd;
	char request[16];
	size_t len;
	int64_t due_ms; /* when its request times out, or its next empty line is due */
};

/* Zeroed memory has no connections. */
struct status_server {
	struct status_connection all[STATUS_CONNECTIONS_MAX];
};

/* status_server_finish() - close all connections */
void status_server_finish(struct status_server *server);

bool status_server_has_room(const struct status_server *server);

/* status_server_add() - take a new connection, @fd, which is closed if there is no room */
void status_server_add(struct status_server *server, int fd, int64_t now_ms);

/* status_server_watch() - what to poll for; returns how many */
size_t status_server_watch(const struct status_server *server,
			   struct pollfd ret_fds[STATUS_CONNECTIONS_MAX]);

/* status_server_timeout() - when status_server_turn() is due without an event; INT64_MAX: never */
int64_t status_server_timeout(const struct status_server *server);

/* status_server_turn() - read requests; returns whether one of them is a new one for a reload */
bool status_server_turn(struct status_server *server, int64_t now_ms);

/* status_server_has() - whether some connection is in that state */
bool status_server_has(const struct status_server *server, enum status_connection_state state);

/* status_server_begin_reload() - a reload begins, whose result goes to those that wait for one */
void status_server_begin_reload(struct status_server *server);

/* status_server_reply_status() - reply to those that wait for it */
void status_server_reply_status(struct status_server *server, const char *text);

/* status_server_reply_reload() - reply @code and @text to those that wait for a result */
void status_server_reply_reload(struct status_server *server, enum exit_code code,
				const char *text);

#endif
