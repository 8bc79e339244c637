/* SPDX-License-Identifier: MIT */
/*
 * A hash table of entries that grows by one bucket at a time (linear hashing), so that no request
 * pays for a resize. Looking up is inline, in table-find.h. For the keyspace and what walks over
 * it.
 */
#ifndef REDIS_LITE_STORE_TABLE_H
#define REDIS_LITE_STORE_TABLE_H

#include "store/entry.h"
#include "util/prefetch.h"

/* Segment 0 has TABLE_FIRST buckets (a page); segment n > 0 has TABLE_FIRST << (n - 1). */
#define TABLE_FIRST_BITS   6
#define TABLE_FIRST	   ((size_t)1 << TABLE_FIRST_BITS)
#define TABLE_SEGMENTS	   32

#define TABLE_BUCKET_SLOTS 8

struct work;

/*
 * A slot: the entry's address in bits 3 to 47, a tag from its hash above, flags below. 0 is an
 * empty slot; a tag of 0 marks a link to an overflow bucket, and is never an entry's.
 */
typedef uint64_t table_slot;

#define TABLE_SLOT_EXPIRES ((table_slot)1 << 0)
#define TABLE_SLOT_USED \
	((table_slot)1 << 1) /* set by the table's user, to whom it means something */

/* One cache line. Slots fill from the front; the last one may be a link. */
struct table_bucket {
	table_slot slot[TABLE_BUCKET_SLOTS];
};

struct table {
	uint64_t seed;
	struct heap *heap; /* of the entries */
	size_t count;	   /* entries */
	size_t expires;	   /* of them with TABLE_SLOT_EXPIRES */
	size_t buckets; /* 0 until the first insert; the round's base and those split off in it */
	size_t mask;	/* of the next round's base */
	/* The address that bucket 0 would have if the segment began with it. */
	uintptr_t origin[TABLE_SEGMENTS];
	struct table_bucket *spare; /* overflow buckets, linked through slot[0] */
	struct table_bucket *pages; /* what they are cut from, linked likewise */
	size_t page_count;
};

/* What table_scan() and table_each() call for every slot in use. It must not change the table. */
typedef void (*table_visitor)(table_slot slot, void *arg);

static inline struct entry *table_entry(table_slot slot)
{
	return (struct entry *)(uintptr_t)(slot & 0x0000fffffffffff8);
}

/* Index of the bucket for a hash: its low bits, one fewer where the bucket is not yet split. */
static inline size_t table_index(const struct table *table, uint64_t hash)
{
	size_t index = hash & table->mask;

	return index < table->buckets ? index : index & (table->mask >> 1);
}

static inline struct table_bucket *table_bucket(const struct table *table, size_t index)
{
	unsigned log = 63 - (unsigned)__builtin_clzll(index | (TABLE_FIRST - 1));
	uintptr_t origin = table->origin[log - (TABLE_FIRST_BITS - 1)];

	return (struct table_bucket *)(origin + index * sizeof(struct table_bucket));
}

/* table_next_split() - the bucket that the next insert may split, if the table has any */
static inline size_t table_next_split(const struct table *table)
{
	return table->buckets & (table->mask >> 1);
}

/* table_prefetch() - ask for the memory that table_find() will look at first */
static inline void table_prefetch(const struct table *table, uint64_t hash)
{
	prefetch(table_bucket(table, table_index(table, hash)));
}

/* table_init() - an empty table, which has no memory yet; @seed is that of the keys' hashes */
void table_init(struct table *table, struct heap *heap, uint64_t seed);

/* table_hash() - what struct key's hash must be */
uint64_t table_hash(const char *data, size_t len, uint64_t seed);

/* table_insert() - add an entry whose key the table does not have; 0 or -ENOMEM */
int table_insert(struct table *table, struct entry *entry, uint64_t hash);

/* table_replace() - put another entry of the same key, or the changed one, in its slot */
void table_replace(struct table *table, table_slot *slot, struct entry *entry);

/* table_remove() - take the entry out of the table; it is the caller's then */
struct entry *table_remove(struct table *table, const struct key *key);

/*
 * table_scan() - visit some entries and return the cursor for the next call, 0 at the end
 *
 * A scan from 0 to 0 visits every entry that was there all the time, whatever was inserted
 * or removed between its calls; some may be visited twice.
 */
uint64_t table_scan(const struct table *table, uint64_t cursor, table_visitor visit, void *arg);

/* table_each() - visit every entry of a bucket; for the sweep and for walking the whole table */
void table_each(const struct table *table, size_t index, table_visitor visit, void *arg);

/* table_clear_used() - clear TABLE_SLOT_USED of every entry of a bucket */
void table_clear_used(struct table *table, size_t index);

/* table_random() - a slot that @random chooses among those in use; the table is not empty */
table_slot table_random(const struct table *table, uint64_t random, struct work *work);

/*
 * table_drain() - destroy up to @most buckets with their entries, the last ones first, or pages
 *
 * Returns whether anything is left. For a table that is out of use.
 */
bool table_drain(struct table *table, size_t most);

/* table_finish() - destroy all there is */
void table_finish(struct table *table);

/* table_memory() - bytes of the table itself, entries not counted */
size_t table_memory(const struct table *table);

#endif
