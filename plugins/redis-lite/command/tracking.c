/* SPDX-License-Identifier: MIT */
/*
 * CLIENT TRACKING: clients that keep what they have read hear when it changes.
 *
 * A tracker watches each key that its client reads. The first change after a read is pushed to the
 * client, between two replies; another one only once the key was read again. A client that reads more
 * keys than may be watched is told to forget them all, and so is everyone after a flush.
 */
#include "command/tracking.h"
#include "command/client.h"
#include "command/command.h"
#include "command/reply.h"
#include "util/work.h"

#include <stdlib.h>
#include <string.h>

/* Changes by one command that are told one by one; beyond, all is forgotten. */
#define PENDING_MAX ((size_t)1024 * 1024)

struct tracker {
	struct watcher watcher; /* first: what it is told is told to the tracker */
	struct watches *watches;
	struct shiny_conn *conn;
	bool noloop;

	bool all;      /* a request of the client's own has changed everything */
	bool forgot;   /* the client was told to forget all, and has read nothing since */
	char *pending; /* pushes for its end, as they will be sent */
	size_t len, room;
};

static const char push_head[] = ">2\r\n$10\r\ninvalidate\r\n";
static const char push_all[] = ">2\r\n$10\r\ninvalidate\r\n_\r\n";

/* Returns whether there was room. */
static bool append_pending(struct tracker *tracker, const char *data, size_t len)
{
	if (len > PENDING_MAX - tracker->len) {
		return false;
	}
	if (tracker->len + len > tracker->room) {
		size_t room = 2 * (tracker->len + len);
		char *pending = realloc(tracker->pending, room);

		if (!pending) {
			return false;
		}
		tracker->pending = pending;
		tracker->room = room;
	}
	memcpy(tracker->pending + tracker->len, data, len);
	tracker->len += len;
	return true;
}

static bool append_push(struct tracker *tracker, const struct key *key)
{
	char head[SHINY_RESP_INTEGER_MAX + 8] = "*1\r\n$";
	size_t len = 5 + shiny_resp_format_unsigned(head + 5, key->len);

	head[len++] = '\r';
	head[len++] = '\n';
	return append_pending(tracker, push_head, sizeof(push_head) - 1) &&
	       append_pending(tracker, head, len) && append_pending(tracker, key->data, key->len) &&
	       append_pending(tracker, "\r\n", 2);
}

static void clear_pending(struct tracker *tracker)
{
	tracker->forgot |= tracker->all;
	tracker->all = false;
	tracker->len = 0;
}

/* Called by store/watch.c, for one key or, with NULL, for all. */
static void invalidate(struct watcher *watcher, const struct key *key)
{
	struct tracker *tracker = (struct tracker *)watcher;
	const struct client *client = client_of(tracker->conn);

	if (tracker->forgot || !client->resp3 || (client->running && tracker->noloop && key)) {
		return;
	}
	if (!key || !append_push(tracker, key)) {
		tracker->all = true;
	}
	/* While its own replies are being written, a write would take the room that they stand in. */
	if (!client->running) {
		shiny_write(tracker->conn, tracker->all ? push_all : tracker->pending,
			    tracker->all ? sizeof(push_all) - 1 : tracker->len);
		clear_pending(tracker);
	}
}

struct tracker *tracking_start(struct watches *watches, struct shiny_conn *conn, bool noloop)
{
	struct tracker *tracker = calloc(1, sizeof(*tracker));

	if (tracker) {
		tracker->watches = watches;
		tracker->conn = conn;
		tracker->noloop = noloop;
		tracker->watcher.changed = invalidate;
		watch_listen(watches, &tracker->watcher);
	}
	return tracker;
}

void tracking_set_noloop(struct tracker *tracker, bool noloop)
{
	tracker->noloop = noloop;
}

void tracking_stop(struct tracker *tracker)
{
	if (tracker) {
		watch_unlisten(tracker->watches, &tracker->watcher);
		watch_clear(tracker->watches, &tracker->watcher);
		free(tracker->pending);
		free(tracker);
	}
}

void tracking_end(struct tracker *tracker, struct call *call)
{
	if (tracker->all) {
		shiny_resp_literal(call->reply, push_all);
	} else if (tracker->len) {
		shiny_resp_raw(call->reply, tracker->pending, tracker->len);
	}
	clear_pending(tracker);
}

void tracking_add_keys(struct tracker *tracker, const struct call *call)
{
	const struct command_keys *keys = &call->command->keys;
	size_t last;

	if (!(call->command->flags & CMD_READONLY) || !keys->first) {
		return;
	}
	tracker->forgot = false;
	last = command_last_key(call->command, call->argc);
	for (size_t i = (size_t)keys->first; i <= last; i += (size_t)keys->step) {
		struct key key = call_key(call, i);

		work_add(tracker->watches->work, WORK_LOOK);
		if (watch_add(tracker->watches, &tracker->watcher, call->db, &key) < 0) {
			watch_clear(tracker->watches, &tracker->watcher);
			tracker->all = true;
			return;
		}
	}
}
