/* SPDX-License-Identifier: MIT */
/*
 * Which keys are watched, and by whom.
 *
 * A hash table of watches, each of which also stands in the list of its watcher. It has no memory
 * while nobody watches, and whoever changes a key asks for the count first.
 */
#include "store/watch.h"
#include "store/table-find.h"
#include "util/work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_FIRST 64

struct watch {
	struct watch *next;  /* in its bucket */
	struct watch *other; /* of the same watcher */
	struct watcher *watcher;
	uint64_t hash;
	unsigned db;
	bool notified; /* its listener knows that the key has changed */
	size_t len;
	char key[];
};

static struct watch **bucket_of(const struct watches *watches, uint64_t hash)
{
	return &watches->buckets[hash & (watches->size - 1)];
}

static int grow_buckets(struct watches *watches)
{
	struct watches larger = { .size = watches->size ? 2 * watches->size : SIZE_FIRST };

	larger.buckets = calloc(larger.size, sizeof(struct watch *));
	if (!larger.buckets) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < watches->size; i++) {
		for (struct watch *watch = watches->buckets[i], *next; watch; watch = next) {
			struct watch **bucket = bucket_of(&larger, watch->hash);

			next = watch->next;
			watch->next = *bucket;
			*bucket = watch;
		}
	}
	free(watches->buckets);
	watches->buckets = larger.buckets;
	watches->size = larger.size;
	return 0;
}

static bool is_of(const struct watch *watch, unsigned db, const struct key *key)
{
	return watch->hash == key->hash && watch->db == db && watch->len == key->len &&
	       memcmp(watch->key, key->data, key->len) == 0;
}

static struct watch *find_watch(const struct watches *watches, const struct watcher *watcher,
				unsigned db, const struct key *key)
{
	struct watch *watch = watches->count ? *bucket_of(watches, key->hash) : NULL;

	while (watch && (watch->watcher != watcher || !is_of(watch, db, key))) {
		watch = watch->next;
		work_add(watches->work, WORK_LOOK);
	}
	return watch;
}

int watch_add(struct watches *watches, struct watcher *watcher, unsigned db, const struct key *key)
{
	struct watch *watch = find_watch(watches, watcher, db, key), **bucket;

	if (watch) {
		watch->notified = false;
		return 0;
	}
	if (watcher->count == WATCH_KEYS_MAX || key->len > WATCH_BYTES_MAX - watcher->bytes) {
		return -ENOBUFS;
	}
	if (watches->count == watches->size && grow_buckets(watches) < 0) {
		return -ENOMEM;
	}
	watch = malloc(sizeof(*watch) + key->len);
	if (!watch) {
		return -ENOMEM;
	}
	bucket = bucket_of(watches, key->hash);
	*watch = (struct watch){
		.next = *bucket,
		.other = watcher->first,
		.watcher = watcher,
		.hash = key->hash,
		.db = db,
		.len = key->len,
	};
	memcpy(watch->key, key->data, key->len);
	*bucket = watcher->first = watch;
	watches->count++;
	watcher->count++;
	watcher->bytes += key->len;
	return 0;
}

static void unlink_watch(struct watches *watches, const struct watch *watch)
{
	struct watch **at = bucket_of(watches, watch->hash);

	while (*at != watch) {
		at = &(*at)->next;
		work_add(watches->work, WORK_LOOK);
	}
	*at = watch->next;
	watches->count--;
}

void watch_truncate(struct watches *watches, struct watcher *watcher, size_t count)
{
	while (watcher->count > count) {
		struct watch *watch = watcher->first;

		watcher->first = watch->other;
		watcher->count--;
		watcher->bytes -= watch->len;
		unlink_watch(watches, watch);
		free(watch);
	}
	if (watches->count == 0) {
		free(watches->buckets);
		watches->buckets = NULL;
		watches->size = 0;
	}
}

void watch_clear(struct watches *watches, struct watcher *watcher)
{
	watch_truncate(watches, watcher, 0);
	watcher->touched = false;
}

void watch_each(const struct watcher *watcher,
		void (*visit)(void *arg, unsigned db, const struct key *key), void *arg)
{
	for (const struct watch *watch = watcher->first; watch; watch = watch->other) {
		struct key key = { watch->key, watch->len, watch->hash };

		visit(arg, watch->db, &key);
	}
}

void watch_each_in(const struct watches *watches, unsigned db,
		   void (*visit)(void *arg, unsigned db, const struct key *key), void *arg)
{
	for (size_t i = 0; i < watches->size; i++) {
		for (const struct watch *watch = watches->buckets[i]; watch; watch = watch->next) {
			struct key key = { watch->key, watch->len, watch->hash };

			work_add(watches->work, WORK_LOOK);
			if (watch->db == db) {
				visit(arg, db, &key);
			}
		}
	}
}

void watch_listen(struct watches *watches, struct watcher *watcher)
{
	watcher->next = watches->listeners;
	if (watcher->next) {
		watcher->next->previous = watcher;
	}
	watches->listeners = watcher;
}

void watch_unlisten(struct watches *watches, struct watcher *watcher)
{
	if (watcher->next) {
		watcher->next->previous = watcher->previous;
	}
	if (watcher->previous) {
		watcher->previous->next = watcher->next;
	} else {
		watches->listeners = watcher->next;
	}
}

static void touch_watch(struct watch *watch, const struct key *key)
{
	struct watcher *watcher = watch->watcher;

	watcher->touched = true;
	if (watcher->changed && !watch->notified) {
		watch->notified = true;
		watcher->changed(watcher, key);
	}
}

void watch_touch(struct watches *watches, unsigned db, const struct key *key)
{
	for (struct watch *watch = *bucket_of(watches, key->hash); watch; watch = watch->next) {
		work_add(watches->work, WORK_LOOK);
		if (is_of(watch, db, key)) {
			touch_watch(watch, key);
		}
	}
}

/* What a listener hears of all is no news of one. */
static void touch_if_in_table(struct watch *watch, const struct table *table)
{
	const struct key key = { watch->key, watch->len, watch->hash };

	watch->notified = true;
	if (table_find(table, &key)) {
		touch_watch(watch, &key);
	}
}

void watch_touch_all(struct watches *watches, unsigned db, const struct table *table)
{
	for (struct watcher *watcher = watches->listeners; watcher; watcher = watcher->next) {
		work_add(watches->work, WORK_LOOK);
		watcher->changed(watcher, NULL);
	}
	for (size_t i = 0; i < watches->size; i++) {
		for (struct watch *watch = watches->buckets[i]; watch; watch = watch->next) {
			work_add(watches->work, WORK_LOOK);
			if (watch->db == db) {
				touch_if_in_table(watch, table);
			}
		}
	}
}
