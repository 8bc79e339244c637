/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_CLIENT_H
#define REDIS_LITE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

/* What a connection has said about itself; allocated when it first says something. */
struct client {
	unsigned db;
	bool resp3; /* the protocol's version 3 */
	char *name; /* NULL: none */
	size_t name_len;
};

struct client *client_create(void);
void client_destroy(struct client *client);

/* client_set_name() - an empty one takes it away; -EINVAL for blanks and control bytes, -ENOMEM */
int client_set_name(struct client *client, const char *name, size_t len);

#endif
