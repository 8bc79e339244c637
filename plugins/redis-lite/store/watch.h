/* SPDX-License-Identifier: MIT */
/*
 * Which keys are watched, and by whom: for WATCH and for CLIENT TRACKING. Nothing is stored in the
 * entries, so that a key may be watched that does not exist.
 */
#ifndef REDIS_LITE_STORE_WATCH_H
#define REDIS_LITE_STORE_WATCH_H

#include "store/table.h"

struct watch;
struct watcher;

/* What one client may watch. */
#define WATCH_KEYS_MAX	10000
#define WATCH_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* All keys that are watched; zeroed: none. */
struct watches {
	struct watch **buckets;
	size_t size, count;
	struct watcher *listeners;
	struct work *work; /* where what takes long is counted; or NULL */
};

/* Who watches keys; zeroed: none. */
struct watcher {
	struct watch *first;
	size_t count, bytes;
	bool touched; /* one of its keys has changed */

	/* A listener's: called for the first change of a key since it was last added, and with NULL
	 * when databases are flushed. Must not add or clear watches. */
	void (*changed)(struct watcher *watcher, const struct key *key);
	struct watcher *next, *previous;
};

/* watch_add() - watch a key, whether or not it exists; -ENOBUFS past the limits, -ENOMEM */
int watch_add(struct watches *watches, struct watcher *watcher, unsigned db, const struct key *key);

/* watch_truncate() - what was added last, until @count keys are left */
void watch_truncate(struct watches *watches, struct watcher *watcher, size_t count);

/* watch_clear() - watch nothing any more */
void watch_clear(struct watches *watches, struct watcher *watcher);

/* watch_listen() - call the watcher's function from now on, until watch_unlisten() */
void watch_listen(struct watches *watches, struct watcher *watcher);
void watch_unlisten(struct watches *watches, struct watcher *watcher);

/* watch_each() - call something for each key that is watched */
void watch_each(const struct watcher *watcher,
		void (*visit)(void *arg, unsigned db, const struct key *key), void *arg);

/* watch_each_in() - the same for each key of a database that anyone watches */
void watch_each_in(const struct watches *watches, unsigned db,
		   void (*visit)(void *arg, unsigned db, const struct key *key), void *arg);

/* watch_touch() - a key changes */
void watch_touch(struct watches *watches, unsigned db, const struct key *key);

/* watch_touch_all() - all keys that are in a table now change */
void watch_touch_all(struct watches *watches, unsigned db, const struct table *table);

#endif
