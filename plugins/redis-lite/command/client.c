/* SPDX-License-Identifier: MIT */
/*
 * A client's state beyond the defaults. Most clients never have any.
 */
#include "command/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct client *client_create(struct shiny_conn *conn)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client) {
		client->last = client_last(conn);
		shiny_set_user(conn, client);
	}
	return client;
}

void client_clear(struct client *client, struct watches *watches)
{
	free(client->name.data);
	free(client->lib_name.data);
	free(client->lib_version.data);
	transaction_finish(&client->transaction);
	watch_clear(watches, &client->watcher);
	tracking_stop(client->tracker);
	*client = (struct client){ .last = client->last };
}

void client_destroy(struct client *client, struct watches *watches)
{
	if (client) {
		client_clear(client, watches);
		free(client);
	}
}

int client_label_set(struct client_label *label, const char *text, size_t len)
{
	char *copy = NULL;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '!' || text[i] > '~') {
			return -EINVAL;
		}
	}
	if (len > CLIENT_LABEL_MAX) {
		return -ENOBUFS;
	}
	if (len > 0) {
		copy = malloc(len);
		if (!copy) {
			return -ENOMEM;
		}
		memcpy(copy, text, len);
	}
	free(label->data);
	*label = (struct client_label){ copy, len };
	return 0;
}
