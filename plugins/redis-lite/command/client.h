/* SPDX-License-Identifier: MIT */
/*
 * What a connection has said of itself: its database, name, protocol, transaction and watched keys.
 * A connection that is like any other has no struct client at all, so each user asks for it first.
 */
#ifndef REDIS_LITE_COMMAND_CLIENT_H
#define REDIS_LITE_COMMAND_CLIENT_H

#include "command/tracking.h"
#include "command/transaction.h"
#include "store/watch.h"

/* Why a client's requests are not simply run. */
enum client_state {
	CLIENT_MULTI = 1 << 0,	  /* they are queued */
	CLIENT_ABORTED = 1 << 1,  /* and EXEC will refuse them, as one of them was wrong */
	CLIENT_LOCKED = 1 << 2,	  /* it must say the password first, if there still is one */
	CLIENT_SILENT = 1 << 3,	  /* it wants no replies */
	CLIENT_SKIP = 1 << 4,	  /* it does not want the next one */
	CLIENT_TRACKING = 1 << 5, /* what it reads is to be noted */
};

/* A word without blanks that a client calls itself, or its library; data NULL: none. */
struct client_label {
	char *data;
	size_t len;
};

#define CLIENT_LABEL_MAX 4096

/* What a connection has said about itself; allocated when it first says something. */
struct client {
	unsigned state; /* enum client_state; 0: as any other */
	unsigned db;
	bool resp3;   /* the protocol's version 3 */
	bool running; /* its request is run, its state not 0: pushes wait for the reply's end */
	struct client_label name, lib_name, lib_version;
	struct transaction transaction;
	struct watcher watcher;
	struct tracker *tracker;    /* with CLIENT_TRACKING; else NULL */
	const struct command *last; /* that it has called; NULL: none yet */
};

/*
 * What shiny_user() of a connection is: its client or, as long as there is none, the last command, by
 * an odd number, so that it takes no memory.
 */

/* client_of() - the client of a connection; or NULL */
static inline struct client *client_of(const struct shiny_conn *conn)
{
	void *user = shiny_user(conn);

	return (uintptr_t)user % 2 ? NULL : user;
}

/* client_last() - the last command of a connection; or NULL */
static inline const struct command *client_last(const struct shiny_conn *conn)
{
	const char *user = shiny_user(conn);
	const struct client *client = client_of(conn);

	return client ? client->last : user ? (const void *)(user - 1) : NULL;
}

/* client_set_last() - note it unless it is NULL; @client is that of the connection, or NULL */
static inline void client_set_last(struct shiny_conn *conn, struct client *client,
				   const struct command *command)
{
	if (!command) {
		return;
	}
	if (client) {
		client->last = command;
	} else {
		shiny_set_user(conn, (char *)(uintptr_t)command + 1);
	}
}

/* client_create() - one for a connection that has none; NULL without memory */
struct client *client_create(struct shiny_conn *conn);
void client_destroy(struct client *client, struct watches *watches);

/* client_clear() - back to what a new one is */
void client_clear(struct client *client, struct watches *watches);

/*
 * client_label_set() - an empty one takes it away
 *
 * Returns: 0; -EINVAL for blanks and control bytes; -ENOBUFS past CLIENT_LABEL_MAX; -ENOMEM.
 */
int client_label_set(struct client_label *label, const char *text, size_t len);

#endif
