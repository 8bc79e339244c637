/* SPDX-License-Identifier: MIT */
/*
 * Keys that go because there is no more memory.
 *
 * A hand goes round the buckets of all tables, as in the CLOCK algorithm. For allkeys-lru a slot is
 * marked when its key is used, and the hand takes what has no mark and wipes the marks it passes:
 * that costs one bit that was free, and a store for each use, where an order or a time of use would
 * cost eight bytes a key. For allkeys-random the hand takes whatever it meets, since where a key
 * stands is as good as random. For volatile-ttl it takes the one of the next few that expires first.
 */
#include "store/evict.h"

/* Work of one call: keys removed, and buckets looked at for each of them. */
#define STEP_KEYS    16
#define STEP_BUCKETS 64

/* Of giving back what was flushed. */
#define STEP_LAZYFREE 4

/* Keys with an expiry of which the nearest one goes. */
#define TTL_SAMPLES 16

const char *const evict_names[] = {
	[EVICT_NONE] = "noeviction",
	[EVICT_ALLKEYS_LRU] = "allkeys-lru",
	[EVICT_ALLKEYS_RANDOM] = "allkeys-random",
	[EVICT_VOLATILE_TTL] = "volatile-ttl",
	[EVICT_MAX] = NULL,
};

struct choice {
	const struct entry *entry; /* NULL: none yet */
	unsigned db;
	unsigned seen;
	bool enough;
};

static void choose_any(table_slot slot, void *arg)
{
	struct choice *choice = arg;

	choice->entry = table_entry(slot);
	choice->enough = true;
}

/* One that was used goes only if the step meets no other. */
static void choose_unused(table_slot slot, void *arg)
{
	struct choice *choice = arg;

	if (!choice->enough) {
		choice->entry = table_entry(slot);
		choice->enough = !(slot & TABLE_SLOT_USED);
	}
}

static void choose_nearest(table_slot slot, void *arg)
{
	struct choice *choice = arg;
	const struct entry *entry = table_entry(slot);

	if (!(slot & TABLE_SLOT_EXPIRES)) {
		return;
	}
	if (!choice->entry || entry_expiry(entry) < entry_expiry(choice->entry)) {
		choice->entry = entry;
	}
	choice->enough = ++choice->seen >= TTL_SAMPLES;
}

static const table_visitor choosers[EVICT_MAX] = {
	[EVICT_ALLKEYS_LRU] = choose_unused,
	[EVICT_ALLKEYS_RANDOM] = choose_any,
	[EVICT_VOLATILE_TTL] = choose_nearest,
};

void evict_configure(struct keyspace *keyspace, uint64_t limit, enum evict_policy policy)
{
	keyspace->limit = limit;
	keyspace->policy = policy;
	keyspace->marks_use = limit && policy == EVICT_ALLKEYS_LRU;
}

/* Keys of a database that the policy may remove. */
static size_t candidates(const struct keyspace *keyspace, unsigned db)
{
	if (keyspace->policy == EVICT_NONE) {
		return 0;
	}
	return keyspace->policy == EVICT_VOLATILE_TTL ? keyspace->db[db].expires
						      : keyspace->db[db].count;
}

static bool has_candidates(const struct keyspace *keyspace)
{
	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		if (candidates(keyspace, db)) {
			return true;
		}
	}
	return false;
}

/* Looks at the bucket under the hand. The hand stays at one that has something to take. */
static void visit_bucket(struct keyspace *keyspace, struct choice *choice)
{
	struct table *table = &keyspace->db[keyspace->hand_db];
	const struct entry *before = choice->entry;

	if (keyspace->hand_index >= table->buckets || !candidates(keyspace, keyspace->hand_db)) {
		keyspace->hand_db = (keyspace->hand_db + 1) % KEYSPACE_DBS;
		keyspace->hand_index = 0;
		return;
	}
	table_each(table, keyspace->hand_index, choosers[keyspace->policy], choice);
	if (choice->entry != before) {
		choice->db = keyspace->hand_db;
	}
	if (!choice->enough || keyspace->policy == EVICT_VOLATILE_TTL) {
		table_clear_used(table, keyspace->hand_index);
		keyspace->hand_index++;
	}
}

/* In a table that has become nearly empty the search may find nothing, and goes on next time. */
static void evict_one(struct keyspace *keyspace)
{
	struct choice choice = { 0 };

	for (unsigned i = 0; i < STEP_BUCKETS && !choice.enough; i++) {
		visit_bucket(keyspace, &choice);
	}
	if (choice.entry) {
		keyspace_evict(keyspace, choice.db, choice.entry);
	}
}

bool evict_make_room(struct keyspace *keyspace)
{
	for (unsigned i = 0; i < STEP_LAZYFREE && keyspace->lazyfree; i++) {
		keyspace_reclaim(keyspace);
	}
	/* There is room as soon as they are gone; what comes meanwhile is little. */
	if (keyspace->lazyfree &&
	    keyspace_used(keyspace) <= keyspace->limit + keyspace->limit / 8) {
		return true;
	}
	for (unsigned i = 0; i < STEP_KEYS && evict_is_needed(keyspace); i++) {
		if (!has_candidates(keyspace)) {
			return false;
		}
		evict_one(keyspace);
	}
	return true;
}
