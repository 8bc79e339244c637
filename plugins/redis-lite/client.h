/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_CLIENT_H
#define REDIS_LITE_CLIENT_H

#include "transaction.h"
#include "watch.h"

/* Why a client's requests are not simply run. */
enum client_state {
	CLIENT_MULTI = 1 << 0,	 /* they are queued */
	CLIENT_ABORTED = 1 << 1, /* and EXEC will refuse them, as one of them was wrong */
	CLIENT_LOCKED = 1 << 2,	 /* it must say the password first, if there still is one */
};

/* What a connection has said about itself; allocated when it first says something. */
struct client {
	unsigned state; /* enum client_state; 0: as any other */
	unsigned db;
	bool resp3; /* the protocol's version 3 */
	char *name; /* NULL: none */
	size_t name_len;
	struct transaction transaction;
	struct watcher watcher;
};

struct client *client_create(void);
void client_destroy(struct client *client, struct watches *watches);

/* client_reset() - back to what a new one is */
void client_reset(struct client *client, struct watches *watches);

/* client_set_name() - an empty one takes it away; -EINVAL for blanks and control bytes, -ENOMEM */
int client_set_name(struct client *client, const char *name, size_t len);

#endif
