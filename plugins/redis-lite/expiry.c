/* SPDX-License-Identifier: MIT */
/*
 * The active side of expiry: keys that nobody asks for must go too.
 *
 * The table marks slots whose entries expire, so that a walk over the slots alone finds them: an
 * entry without an expiry is never touched. The caller repeats the step while it has time.
 */
#include "expiry.h"

/* Work of one step: buckets looked at, and keys removed at most. */
#define STEP_BUCKETS 64
#define STEP_KEYS    64

struct found {
	int64_t now_ms;
	bool more; /* than there was room for */
	unsigned count;
	const struct entry *entries[STEP_KEYS];
};

static void collect(table_slot slot, void *arg)
{
	struct found *found = arg;

	if (!(slot & TABLE_SLOT_EXPIRES) || entry_expiry(table_entry(slot)) > found->now_ms) {
		return;
	}
	if (found->count < STEP_KEYS) {
		found->entries[found->count++] = table_entry(slot);
	} else {
		found->more = true;
	}
}

static void remove_found(struct keyspace *keyspace, unsigned db, const struct found *found)
{
	for (unsigned i = 0; i < found->count; i++) {
		const struct entry *entry = found->entries[i];
		struct key key = keyspace_key(keyspace, entry_key(entry), entry_key_len(entry));

		keyspace_find(keyspace, db, &key, found->now_ms);
	}
}

bool expiry_sweep(struct keyspace *keyspace, int64_t now_ms)
{
	struct table *table = &keyspace->db[keyspace->sweep_db];
	struct found found = { .now_ms = now_ms };
	size_t index = keyspace->sweep_index, end = index + STEP_BUCKETS;

	if (table->expires == 0) {
		index = table->buckets;
	}
	while (index < table->buckets && index < end && !found.more) {
		table_each(table, index, collect, &found);
		index += !found.more;
	}
	remove_found(keyspace, keyspace->sweep_db, &found);
	keyspace->sweep_index = index;
	if (index >= table->buckets) {
		keyspace->sweep_index = 0;
		keyspace->sweep_db = (keyspace->sweep_db + 1) % KEYSPACE_DBS;
		return keyspace->sweep_db != 0;
	}
	return true;
}
