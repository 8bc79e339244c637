/* SPDX-License-Identifier: MIT */
/*
 * What every change of a key does besides, for the files that make changes.
 *
 * A change that may fail is told to the snapshot first, which has to see what was there, and to
 * those who watch the key only when it has been made.
 */
#ifndef REDIS_LITE_STORE_KEYSPACE_INTERNAL_H
#define REDIS_LITE_STORE_KEYSPACE_INTERNAL_H

#include "store/keyspace.h"

/* keyspace_before_change() - a key may change, or be inserted */
static inline void keyspace_before_change(struct keyspace *keyspace, unsigned db,
					  const struct key *key)
{
	if (keyspace->snapshot) {
		snapshot_touch(keyspace->snapshot, db, key->hash);
	}
}

/* keyspace_notify_watchers() - it has changed, or is about to and nothing can come between */
static inline void keyspace_notify_watchers(struct keyspace *keyspace, unsigned db,
					    const struct key *key)
{
	if (keyspace->watches.count) {
		watch_touch(&keyspace->watches, db, key);
	}
}

static inline void keyspace_mark_use(const struct keyspace *keyspace, table_slot *slot)
{
	if (keyspace->marks_use) {
		*slot |= TABLE_SLOT_USED;
	}
}

#endif
