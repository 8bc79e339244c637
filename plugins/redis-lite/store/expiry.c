/* SPDX-License-Identifier: MIT */
/*
 * The active side of expiry: keys that nobody asks for must go too.
 *
 * The table marks slots whose entries expire, so that a walk over the slots alone finds them: an
 * entry without an expiry is never touched. The caller repeats the step while it has time.
 */
#include "store/expiry.h"

/* Work of one step: buckets looked at, and keys removed at most. */
#define STEP_BUCKETS 64
#define STEP_KEYS    64

struct found {
	int64_t now_ms;
	bool more;	       /* than there was room for */
	double ttl_sum, later; /* of those that expire later, and how many */
	unsigned count;
	const struct entry *entries[STEP_KEYS];
};

static void collect_expired(table_slot slot, void *arg)
{
	struct found *found = arg;
	int64_t expiry;

	if (!(slot & TABLE_SLOT_EXPIRES)) {
		return;
	}
	expiry = entry_expiry(table_entry(slot));
	if (expiry > found->now_ms) {
		found->ttl_sum += (double)(expiry - found->now_ms);
		found->later++;
	} else if (found->count < STEP_KEYS) {
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

/* At the end of a database. */
static void next_database(struct keyspace *keyspace)
{
	double count = keyspace->sweep_count;

	keyspace->sweep_ttl[keyspace->sweep_db] =
		count > 0 ? (int64_t)(keyspace->sweep_ttl_sum / count) : 0;
	keyspace->sweep_ttl_sum = keyspace->sweep_count = 0;
	keyspace->sweep_index = 0;
	keyspace->sweep_db = (keyspace->sweep_db + 1) % KEYSPACE_DBS;
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
		table_each(table, index, collect_expired, &found);
		index += !found.more;
	}
	remove_found(keyspace, keyspace->sweep_db, &found);
	keyspace->sweep_index = index;
	keyspace->sweep_ttl_sum += found.ttl_sum;
	keyspace->sweep_count += found.later;
	if (index >= table->buckets) {
		next_database(keyspace);
		return keyspace->sweep_db != 0;
	}
	return true;
}
