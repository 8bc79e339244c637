/* SPDX-License-Identifier: MIT */
/*
 * The databases: keys to values, with the moments at which they cease to be.
 *
 * A key that has expired is never seen: whoever meets it removes it first, and says so to the
 * owner of the append-only file. Time comes in as an argument.
 *
 * Every change of a key is made here or in store/set-all.c, and is told to those who watch it and to the
 * snapshot that is being taken. One that fails leaves everything as it was.
 */
#include "store/keyspace-internal.h"
#include "store/table-find.h"
#include "util/work.h"

#include <errno.h>
#include <stdlib.h>

/* Buckets that one step of keyspace_reclaim() destroys: some 50 microseconds of work. */
#define RECLAIM_STEP 64

struct keyspace_lazyfree {
	struct keyspace_lazyfree *next;
	struct table table;
};

void keyspace_init(struct keyspace *keyspace, uint64_t seed)
{
	*keyspace = (struct keyspace){ .seed = seed, .random = seed };
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

/* @key may stand in the entry that goes. */
static void remove_entry(struct keyspace *keyspace, unsigned db, const struct key *key)
{
	keyspace_before_change(keyspace, db, key);
	keyspace_notify_watchers(keyspace, db, key);
	entry_destroy(&keyspace->heap, table_remove(&keyspace->db[db], key));
}

static void drop_entry(struct keyspace *keyspace, unsigned db, const struct key *key,
		       const struct entry *entry)
{
	if (keyspace->dropped) {
		keyspace->dropped(keyspace->arg, db, entry);
	}
	remove_entry(keyspace, db, key);
}

/* Of an entry that expires: removes it if its time has come. */
static __attribute__((noinline)) bool is_over(struct keyspace *keyspace, unsigned db,
					      const struct key *key, struct entry *entry,
					      int64_t now_ms)
{
	if (entry_expiry(entry) > now_ms) {
		return false;
	}
	keyspace->expired_keys++;
	drop_entry(keyspace, db, key, entry);
	return true;
}

static inline bool is_expired(struct keyspace *keyspace, unsigned db, const struct key *key,
			      table_slot slot, int64_t now_ms)
{
	return slot & TABLE_SLOT_EXPIRES && is_over(keyspace, db, key, table_entry(slot), now_ms);
}

struct entry *keyspace_find(struct keyspace *keyspace, unsigned db, const struct key *key,
			    int64_t now_ms)
{
	table_slot *slot = table_find(&keyspace->db[db], key);

	if (!slot || is_expired(keyspace, db, key, *slot, now_ms)) {
		return NULL;
	}
	keyspace_mark_use(keyspace, slot);
	return table_entry(*slot);
}

struct entry *keyspace_read(struct keyspace *keyspace, unsigned db, const struct key *key,
			    int64_t now_ms)
{
	struct entry *entry = keyspace_find(keyspace, db, key, now_ms);

	if (entry) {
		keyspace->hits++;
	} else {
		keyspace->misses++;
	}
	return entry;
}

/*
 * Puts a new entry, which is what entry_create() returned, in the place of the one at @slot, or where
 * that is NULL adds it.
 */
static int store_entry(struct keyspace *keyspace, unsigned db, const struct key *key,
		       table_slot *slot, struct entry *entry)
{
	struct table *table = &keyspace->db[db];
	struct entry *old = slot ? table_entry(*slot) : NULL;
	int r = entry ? 0 : -ENOMEM;

	if (r == 0 && slot) {
		table_replace(table, slot, entry);
	} else if (r == 0) {
		r = table_insert(table, entry, key->hash);
	}
	if (r < 0) {
		entry_destroy(table->heap, entry);
		return r;
	}
	entry_destroy(table->heap, old);
	keyspace_notify_watchers(keyspace, db, key);
	return 0;
}

int keyspace_set(struct keyspace *keyspace, unsigned db, const struct key *key, const char *value,
		 size_t value_len, int64_t expiry)
{
	struct table *table = &keyspace->db[db];
	table_slot *slot = table_find(table, key);

	keyspace_before_change(keyspace, db, key);
	if (slot) {
		keyspace_mark_use(keyspace, slot);
	}
	if (slot && entry_store(table_entry(*slot), value, value_len, expiry)) {
		if (expiry || *slot & TABLE_SLOT_EXPIRES) {
			table_replace(table, slot, table_entry(*slot));
		}
		keyspace_notify_watchers(keyspace, db, key);
		return 0;
	}
	return store_entry(keyspace, db, key, slot,
			   entry_create(table->heap, key, value, value_len, expiry));
}

int keyspace_copy(struct keyspace *keyspace, const struct entry *entry, unsigned db,
		  const struct key *key)
{
	struct table *table = &keyspace->db[db];

	keyspace_before_change(keyspace, db, key);
	work_add(keyspace->work, entry->value_len);
	return store_entry(keyspace, db, key, table_find(table, key),
			   entry_copy(table->heap, entry, key, entry_expiry(entry)));
}

int keyspace_move(struct keyspace *keyspace, unsigned db, const struct key *key, unsigned to_db)
{
	struct table *from = &keyspace->db[db], *to = &keyspace->db[to_db];
	int r;

	keyspace_before_change(keyspace, db, key);
	keyspace_before_change(keyspace, to_db, key);
	r = table_insert(to, table_entry(*table_find(from, key)), key->hash);
	if (r == 0) {
		table_remove(from, key);
		keyspace_notify_watchers(keyspace, db, key);
		keyspace_notify_watchers(keyspace, to_db, key);
	}
	return r;
}

struct swap {
	struct keyspace *keyspace;
	unsigned a, b;
	int64_t now_ms;
};

/* What has expired is not there, neither to go nor to come. */
static void expire_in_both(void *arg, unsigned db, const struct key *key)
{
	const struct swap *swap = arg;

	(void)db;
	keyspace_find(swap->keyspace, swap->a, key, swap->now_ms);
	keyspace_find(swap->keyspace, swap->b, key, swap->now_ms);
}

void keyspace_swap(struct keyspace *keyspace, unsigned a, unsigned b, int64_t now_ms)
{
	struct swap swap = { keyspace, a, b, now_ms };
	struct table table;

	if (a == b) {
		return;
	}
	watch_each_in(&keyspace->watches, a, expire_in_both, &swap);
	watch_each_in(&keyspace->watches, b, expire_in_both, &swap);
	for (unsigned i = 0; i < 2; i++) {
		watch_touch_all(&keyspace->watches, a, &keyspace->db[i ? b : a]);
		watch_touch_all(&keyspace->watches, b, &keyspace->db[i ? b : a]);
	}
	table = keyspace->db[a];
	keyspace->db[a] = keyspace->db[b];
	keyspace->db[b] = table;
	if (keyspace->snapshot) {
		snapshot_swap(keyspace->snapshot, a, b);
	}
}

/* Makes room behind a value. Returns the entry, which may have moved; or NULL. */
static struct entry *grow_value(struct keyspace *keyspace, struct table *table, table_slot *slot,
				size_t value_len)
{
	struct entry *entry = table_entry(*slot);
	struct entry *longer = entry_extend(table->heap, entry, value_len);

	if (longer) {
		if (longer != entry) {
			work_add(keyspace->work, value_len);
		}
		table_replace(table, slot, longer);
	}
	return longer;
}

char *keyspace_extend(struct keyspace *keyspace, unsigned db, const struct key *key,
		      size_t value_len)
{
	struct table *table = &keyspace->db[db];
	table_slot *slot = table_find(table, key);
	struct entry *entry = slot ? table_entry(*slot) : NULL;

	keyspace_before_change(keyspace, db, key);
	if (!slot) {
		entry = entry_create_blank(table->heap, key, value_len, 0);
		if (store_entry(keyspace, db, key, NULL, entry) < 0) {
			return NULL;
		}
	} else {
		if (value_len > entry->value_len) {
			entry = grow_value(keyspace, table, slot, value_len);
			if (!entry) {
				return NULL;
			}
		}
		keyspace_notify_watchers(keyspace, db, key);
	}
	entry_make_raw(entry);
	return entry_room(entry);
}

int keyspace_set_expiry(struct keyspace *keyspace, unsigned db, const struct key *key,
			int64_t expiry)
{
	struct table *table = &keyspace->db[db];
	table_slot *slot = table_find(table, key);
	struct entry *entry = table_entry(*slot);

	keyspace_before_change(keyspace, db, key);
	if (entry_set_expiry(entry, expiry)) {
		table_replace(table, slot, entry);
		keyspace_notify_watchers(keyspace, db, key);
		return 0;
	}
	work_add(keyspace->work, entry->value_len);
	return store_entry(keyspace, db, key, slot, entry_copy(table->heap, entry, key, expiry));
}

/* A number as good as random (splitmix64). */
static uint64_t next_random(struct keyspace *keyspace)
{
	uint64_t z = keyspace->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

const struct entry *keyspace_random(struct keyspace *keyspace, unsigned db, int64_t now_ms)
{
	const struct table *table = &keyspace->db[db];

	for (; table->count > 0; work_add(keyspace->work, WORK_REQUEST)) {
		table_slot slot = table_random(table, next_random(keyspace), keyspace->work);
		struct entry *entry = table_entry(slot);
		struct key key = keyspace_key(keyspace, entry_key(entry), entry_key_len(entry));

		if (!is_expired(keyspace, db, &key, slot, now_ms)) {
			return entry;
		}
	}
	return NULL;
}

bool keyspace_remove(struct keyspace *keyspace, unsigned db, const struct key *key, int64_t now_ms)
{
	if (!keyspace_find(keyspace, db, key, now_ms)) {
		return false;
	}
	remove_entry(keyspace, db, key);
	return true;
}

void keyspace_flush(struct keyspace *keyspace, unsigned db)
{
	struct table *table = &keyspace->db[db];
	struct snapshot *snapshot = keyspace->snapshot;
	bool small = table->buckets <= RECLAIM_STEP;
	bool at_once = small && !(snapshot && snapshot_needs(snapshot, db));
	struct keyspace_lazyfree *flushed = at_once ? NULL : malloc(sizeof(*flushed));

	watch_touch_all(&keyspace->watches, db, table);
	if (snapshot) {
		snapshot_flush(snapshot, db, flushed ? &flushed->table : NULL);
	}
	if (!flushed) { /* small, or no memory to do it later */
		table_finish(table);
	} else {
		*flushed = (struct keyspace_lazyfree){ keyspace->lazyfree, *table };
		keyspace->lazyfree = flushed;
	}
	table_init(table, &keyspace->heap, keyspace->seed);
}

bool keyspace_reclaim(struct keyspace *keyspace)
{
	struct keyspace_lazyfree *flushed = keyspace->lazyfree;
	size_t most = RECLAIM_STEP;

	if (heap_trim(&keyspace->heap)) {
		return true;
	}
	if (!flushed) {
		return false;
	}
	if (keyspace->snapshot) {
		most = snapshot_release(keyspace->snapshot, &flushed->table, most);
	}
	if (!table_drain(&flushed->table, most)) {
		keyspace->lazyfree = flushed->next;
		free(flushed);
	}
	return true;
}

int keyspace_start_snapshot(struct keyspace *keyspace, snapshot_visitor visit, void *arg,
			    struct snapshot **ret_snapshot)
{
	int r = snapshot_create(keyspace->db, KEYSPACE_DBS, visit, arg, &keyspace->snapshot);

	if (r == 0) {
		*ret_snapshot = keyspace->snapshot;
	}
	return r;
}

void keyspace_end_snapshot(struct keyspace *keyspace)
{
	snapshot_destroy(keyspace->snapshot);
	keyspace->snapshot = NULL;
}

size_t keyspace_entry_memory(const struct entry *entry)
{
	return sizeof(table_slot) + heap_size(entry, entry_size(entry));
}

void keyspace_evict(struct keyspace *keyspace, unsigned db, const struct entry *entry)
{
	struct key key = keyspace_key(keyspace, entry_key(entry), entry_key_len(entry));

	keyspace->evicted_keys++;
	drop_entry(keyspace, db, &key, entry);
}

static size_t tables_memory(const struct keyspace *keyspace)
{
	size_t bytes = 0;

	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		bytes += table_memory(&keyspace->db[db]);
	}
	return bytes;
}

size_t keyspace_used(const struct keyspace *keyspace)
{
	return keyspace->heap.used + tables_memory(keyspace);
}

size_t keyspace_memory(const struct keyspace *keyspace)
{
	return heap_memory(&keyspace->heap) + tables_memory(keyspace);
}
