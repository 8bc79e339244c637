/* SPDX-License-Identifier: MIT */
/*
 * The hash table: linear hashing over buckets of one cache line.
 *
 * It grows by one bucket at a time: an insert that finds it too full splits the next bucket in
 * turn, so that no request ever pays for more than one split, and no second table exists. Buckets
 * live in segments that double in size, each mapped when its first bucket is needed; the kernel
 * supplies their pages as buckets appear. A bucket that is too full before its turn comes gets
 * overflow buckets, linked through its last slot.
 *
 * The changes of one bucket are here; how a key is found in it is in store/table-find.h, growth, walks and
 * the end are in store/table-grow.c and store/table-scan.c.
 */
#include "store/table.h"
#include "store/table-internal.h"

#include <errno.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

void table_init(struct table *table, struct heap *heap, uint64_t seed)
{
	*table = (struct table){ .seed = seed, .heap = heap };
}

uint64_t table_hash(const char *data, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(data, len, seed);
}

__attribute__((noinline)) table_slot *table_find_any(const struct table *table,
						     const struct key *key)
{
	return table_find_as(table, key, bytes_equal);
}

static table_slot slot_of(const struct entry *entry, table_slot tag)
{
	return tag | (table_slot)(uintptr_t)entry | (entry_expiry(entry) ? TABLE_SLOT_EXPIRES : 0);
}

int table_append(struct table *table, struct table_bucket *bucket, table_slot slot)
{
	struct table_bucket *next;

	while ((next = table_overflow(bucket))) {
		bucket = next;
	}
	for (unsigned i = 0; i < TABLE_BUCKET_SLOTS; i++) {
		if (!bucket->slot[i]) {
			bucket->slot[i] = slot;
			return 0;
		}
	}

	next = table_alloc_overflow(table);
	if (!next) {
		return -ENOMEM;
	}
	*next = (struct table_bucket){ { bucket->slot[TABLE_LAST], slot } };
	bucket->slot[TABLE_LAST] = (table_slot)(uintptr_t)next;
	return 0;
}

int table_insert(struct table *table, struct entry *entry, uint64_t hash)
{
	table_slot slot = slot_of(entry, table_tag(hash));
	int r = table->buckets == 0 ? table_start(table) : 0;

	if (r == 0) {
		r = table_append(table, table_bucket(table, table_index(table, hash)), slot);
	}
	if (r < 0) {
		return r;
	}
	table->count++;
	table->expires += slot & TABLE_SLOT_EXPIRES;
	if (table->count > table->buckets * TABLE_LOAD) {
		table_split(table);
	}
	return 0;
}

void table_replace(struct table *table, table_slot *slot, struct entry *entry)
{
	table->expires -= *slot & TABLE_SLOT_EXPIRES;
	*slot = slot_of(entry, *slot & (TABLE_TAG | TABLE_SLOT_USED));
	table->expires += *slot & TABLE_SLOT_EXPIRES;
}

/* Fills the hole at @slot with the chain's last slot, and gives back an overflow bucket that holds
 * only one more, which fits where the link to it was. */
static void close_hole(struct table *table, struct table_bucket *bucket, table_slot *slot)
{
	struct table_bucket *before = NULL, *next;
	unsigned last = TABLE_LAST;

	while ((next = table_overflow(bucket))) {
		before = bucket;
		bucket = next;
	}
	while (!bucket->slot[last]) {
		last--;
	}
	*slot = bucket->slot[last];
	bucket->slot[last] = 0;
	if (before && last == 1) {
		before->slot[TABLE_LAST] = bucket->slot[0];
		table_free_overflow(table, bucket);
	}
}

struct entry *table_remove(struct table *table, const struct key *key)
{
	table_slot *slot = table_find(table, key);
	struct entry *entry;

	if (!slot) {
		return NULL;
	}
	entry = table_entry(*slot);
	table->count--;
	table->expires -= *slot & TABLE_SLOT_EXPIRES;
	close_hole(table, table_bucket(table, table_index(table, key->hash)), slot);
	return entry;
}
