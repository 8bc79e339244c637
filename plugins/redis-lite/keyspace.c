/* SPDX-License-Identifier: MIT */
/*
 * The databases: keys to values, with the moments at which they cease to be.
 *
 * A key that has expired is never seen: whoever meets it removes it first, and says so to the
 * owner of the append-only file. Time comes in as an argument.
 *
 * Every change of a key is made here, and is told beforehand to those who watch it and to the
 * snapshot that is being taken.
 */
#include "keyspace.h"
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>

/* Buckets that one step of keyspace_reclaim() destroys: some 50 microseconds of work. */
#define RECLAIM_STEP 64

struct keyspace_grave {
	struct keyspace_grave *next;
	struct table table;
};

void keyspace_init(struct keyspace *keyspace, uint64_t seed)
{
	*keyspace = (struct keyspace){ .seed = seed };
	keyspace->heap.maker = &keyspace->maker;
	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		table_init(&keyspace->db[db], &keyspace->heap, seed);
	}
}

void keyspace_finish(struct keyspace *keyspace)
{
	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		table_finish(&keyspace->db[db]);
	}
	while (keyspace_reclaim(keyspace)) {
	}
	heap_finish(&keyspace->heap);
	huge_finish(&keyspace->maker);
}

static inline void announce(struct keyspace *keyspace, unsigned db, const struct key *key)
{
	if (keyspace->watches.count) {
		watch_touch(&keyspace->watches, db, key);
	}
	if (keyspace->snapshot) {
		snapshot_touch(keyspace->snapshot, db, key->hash);
	}
}

/* Removes the entry if its time has come. */
static bool is_expired(struct keyspace *keyspace, unsigned db, const struct key *key,
		       table_slot slot, int64_t now_ms)
{
	struct entry *entry = table_entry(slot);

	if (!(slot & TABLE_SLOT_EXPIRES) || entry_expiry(entry) > now_ms) {
		return false;
	}
	keyspace->expired_keys++;
	announce(keyspace, db, key);
	if (keyspace->expired) {
		keyspace->expired(keyspace->arg, db, entry);
	}
	entry_destroy(&keyspace->heap, table_remove(&keyspace->db[db], key));
	return true;
}

struct entry *keyspace_find(struct keyspace *keyspace, unsigned db, const struct key *key,
			    int64_t now_ms)
{
	table_slot *slot = table_find(&keyspace->db[db], key);

	return slot && !is_expired(keyspace, db, key, *slot, now_ms) ? table_entry(*slot) : NULL;
}

struct entry *keyspace_read(struct keyspace *keyspace, unsigned db, const struct key *key,
			    int64_t now_ms)
{
	struct entry *entry = keyspace_find(keyspace, db, key, now_ms);

	keyspace->hits += entry != NULL;
	keyspace->misses += entry == NULL;
	return entry;
}

/* Takes what entry_create() returned. */
static int insert(struct table *table, const struct key *key, struct entry *entry)
{
	int r = entry ? table_insert(table, entry, key->hash) : -ENOMEM;

	if (r < 0) {
		entry_destroy(table->heap, entry);
	}
	return r;
}

int keyspace_set(struct keyspace *keyspace, unsigned db, const struct key *key, const char *value,
		 size_t value_len, int64_t expiry)
{
	struct table *table = &keyspace->db[db];
	table_slot *slot = table_find(table, key);
	struct entry *entry, *other;

	announce(keyspace, db, key);
	if (!slot) {
		return insert(table, key, entry_create(table->heap, key, value, value_len, expiry));
	}
	entry = table_entry(*slot);
	if (entry_store(entry, value, value_len, expiry)) {
		if (expiry || *slot & TABLE_SLOT_EXPIRES) {
			table_replace(table, slot, entry);
		}
		return 0;
	}
	other = entry_create(table->heap, key, value, value_len, expiry);
	if (!other) {
		return -ENOMEM;
	}
	table_replace(table, slot, other);
	entry_destroy(table->heap, entry);
	return 0;
}

char *keyspace_extend(struct keyspace *keyspace, unsigned db, const struct key *key,
		      size_t value_len)
{
	struct table *table = &keyspace->db[db];
	table_slot *slot = table_find(table, key);
	struct entry *entry;

	announce(keyspace, db, key);
	if (!slot) {
		entry = entry_create_blank(table->heap, key, value_len, 0);
		return insert(table, key, entry) == 0 ? entry_room(entry) : NULL;
	}
	entry = table_entry(*slot);
	if (value_len > entry->value_len) {
		entry = entry_extend(table->heap, entry, value_len);
		if (!entry) {
			return NULL;
		}
		table_replace(table, slot, entry);
	}
	return entry_room(entry);
}

int keyspace_set_expiry(struct keyspace *keyspace, unsigned db, const struct key *key,
			int64_t expiry)
{
	struct table *table = &keyspace->db[db];
	table_slot *slot = table_find(table, key);
	struct entry *entry = table_entry(*slot), *other = entry;

	announce(keyspace, db, key);
	if (!entry_set_expiry(entry, expiry)) {
		other = entry_create(table->heap, key, entry_value(entry), entry->value_len,
				     expiry);
		if (!other) {
			return -ENOMEM;
		}
	}
	table_replace(table, slot, other);
	if (other != entry) {
		entry_destroy(table->heap, entry);
	}
	return 0;
}

bool keyspace_remove(struct keyspace *keyspace, unsigned db, const struct key *key, int64_t now_ms)
{
	if (!keyspace_find(keyspace, db, key, now_ms)) {
		return false;
	}
	announce(keyspace, db, key);
	entry_destroy(&keyspace->heap, table_remove(&keyspace->db[db], key));
	return true;
}

void keyspace_flush(struct keyspace *keyspace, unsigned db)
{
	struct table *table = &keyspace->db[db];
	struct keyspace_grave *grave = malloc(sizeof(*grave));

	watch_touch_all(&keyspace->watches, db, table);
	if (keyspace->snapshot) {
		snapshot_spoil(keyspace->snapshot);
	}
	if (!grave) {
		table_finish(table);
	} else {
		*grave = (struct keyspace_grave){ keyspace->graves, *table };
		keyspace->graves = grave;
	}
	table_init(table, &keyspace->heap, keyspace->seed);
}

bool keyspace_reclaim(struct keyspace *keyspace)
{
	struct keyspace_grave *grave = keyspace->graves;

	if (grave && !table_drain(&grave->table, RECLAIM_STEP)) {
		keyspace->graves = grave->next;
		free(grave);
	}
	return heap_trim(&keyspace->heap) || keyspace->graves;
}

size_t keyspace_memory(const struct keyspace *keyspace)
{
	size_t bytes = heap_memory(&keyspace->heap);

	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		bytes += table_memory(&keyspace->db[db]);
	}
	return bytes;
}
