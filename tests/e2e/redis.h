/* SPDX-License-Identifier: MIT */
/*
 * redis-lite behind the real shinyd, the real redis-server beside it, and what both are asked.
 */
#ifndef TESTS_REDIS_H
#define TESTS_REDIS_H

#include "shinyd.h"

#include <glib.h>

/*
 * redis_start() - a shinyd that serves redis-lite, with further lines for its section
 *
 * Returns a connection to it. @ret_serving may be NULL.
 */
int redis_start(struct shinyd *shinyd, struct serving *ret_serving, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/* redis_finish() - close the connection and stop shinyd, which must end with success */
void redis_finish(struct shinyd *shinyd, int fd);

/*
 * redis_server_start() - Debian's redis-server on a port of its own, keeping its files in @dir
 *
 * Further arguments end with NULL. Returns a connection; skips the test if it is not installed.
 */
int redis_server_start(struct child *child, const char *dir, ...) G_GNUC_NULL_TERMINATED;

/* redis_need() - skip the test unless that program is installed */
void redis_need(const char *program);

/* redis_send() - one request; its words are divided by single blanks */
void redis_send(int fd, const char *request);
void redis_send_words(int fd, const char *const words[], size_t count);

/* redis_receive() - the next reply, as it came; for g_string_free() */
GString *redis_receive(int fd);

/* redis_expect() - send a request and have that reply */
void redis_expect(int fd, const char *request, const char *reply);

struct exchange {
	const char *request, *reply;
};

/* redis_talk() - all of them, with a shinyd of its own; the last one has no request */
void redis_talk(const struct exchange *exchanges);

/* redis_ask() - send a request; its reply, which holds no NUL, for g_free() */
char *redis_ask(int fd, const char *request);

#endif
