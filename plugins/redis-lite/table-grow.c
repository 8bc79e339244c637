/* SPDX-License-Identifier: MIT */
/*
 * How the table gets its memory, grows by a bucket, and gives the memory back.
 */
#include "table-internal.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#define PAGE_BUCKETS 64

static struct table_bucket *map(size_t buckets)
{
	void *p = mmap(NULL, buckets * sizeof(struct table_bucket), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void unmap(struct table_bucket *first, size_t buckets)
{
	munmap(first, buckets * sizeof(struct table_bucket));
}

int table_start(struct table *table)
{
	struct table_bucket *first = map(TABLE_FIRST);

	if (!first) {
		return -ENOMEM;
	}
	table->origin[0] = (uintptr_t)first;
	table->buckets = TABLE_FIRST;
	table->mask = 2 * TABLE_FIRST - 1;
	return 0;
}

/* Segments begin at powers of two. */
static bool begins_segment(size_t index)
{
	return index >= TABLE_FIRST && (index & (index - 1)) == 0;
}

static unsigned segment_of(size_t index)
{
	return index < TABLE_FIRST ? 0 : 64 - (unsigned)__builtin_clzll(index) - TABLE_FIRST_BITS;
}

static bool map_segment(struct table *table, size_t index)
{
	struct table_bucket *first;

	if (segment_of(index) == TABLE_SEGMENTS || !(first = map(index))) {
		return false;
	}
	table->origin[segment_of(index)] = (uintptr_t)first - index * sizeof(*first);
	return true;
}

struct table_bucket *table_take_spare(struct table *table)
{
	struct table_bucket *bucket;

	if (!table->spare) {
		struct table_bucket *page = map(PAGE_BUCKETS);

		if (!page) {
			return NULL;
		}
		page->slot[0] = (table_slot)(uintptr_t)table->pages;
		table->pages = page;
		for (unsigned i = 1; i < PAGE_BUCKETS; i++) {
			table_give_spare(table, &page[i]);
		}
	}
	bucket = table->spare;
	table->spare = (struct table_bucket *)(uintptr_t)bucket->slot[0];
	return bucket;
}

void table_give_spare(struct table *table, struct table_bucket *bucket)
{
	bucket->slot[0] = (table_slot)(uintptr_t)table->spare;
	table->spare = bucket;
}

static uint64_t hash_of(const struct table *table, const struct entry *entry)
{
	return table_hash(entry_key(entry), entry_key_len(entry), table->seed);
}

/* Puts the slots of one bucket of a chain, up to its link, where the larger table has them. */
static void deal(struct table *table, const struct table_bucket *bucket)
{
	for (unsigned i = 0; i < TABLE_BUCKET_SLOTS && bucket->slot[i] & TABLE_TAG; i++) {
		uint64_t hash = hash_of(table, table_entry(bucket->slot[i]));
		int r = table_append(table, table_bucket(table, table_index(table, hash)),
				     bucket->slot[i]);

		/* Two chains never need more overflow buckets than the one that they were. */
		assert(r == 0);
		(void)r;
	}
}

void table_split(struct table *table)
{
	size_t index = table->buckets;
	struct table_bucket *old = table_bucket(table, index & (table->mask >> 1));
	struct table_bucket bucket = *old, *overflow, *next;

	if (begins_segment(index) && !map_segment(table, index)) {
		return;
	}
	for (unsigned i = 0; i < TABLE_BUCKET_SLOTS; i++) {
		__builtin_prefetch(table_entry(bucket.slot[i]));
	}
	*old = (struct table_bucket){ 0 };
	table->buckets++;
	for (overflow = table_overflow(&bucket); overflow; overflow = next) {
		struct table_bucket copy = *overflow;

		next = table_overflow(overflow);
		table_give_spare(table, overflow);
		deal(table, &copy);
	}
	deal(table, &bucket);
	if (table->buckets > table->mask) {
		table->mask = 2 * table->mask + 1;
	}
}

/* Destroys the entries of a bucket's chain. */
static void empty(struct table *table, const struct table_bucket *bucket)
{
	do {
		for (unsigned i = 0; i < TABLE_BUCKET_SLOTS && bucket->slot[i] & TABLE_TAG; i++) {
			entry_destroy(table->heap, table_entry(bucket->slot[i]));
			table->count--;
		}
		bucket = table_overflow(bucket);
	} while (bucket);
}

bool table_drain(struct table *table, size_t most)
{
	for (; table->buckets > 0 && most > 0; most--) {
		size_t index = --table->buckets;
		struct table_bucket *bucket = table_bucket(table, index);

		empty(table, bucket);
		if (begins_segment(index)) {
			unmap(bucket, index);
		} else if (index == 0) {
			unmap(bucket, TABLE_FIRST);
		} else if (index % PAGE_BUCKETS == 0) {
			madvise(bucket, PAGE_BUCKETS * sizeof(*bucket), MADV_DONTNEED);
		}
	}
	for (; table->buckets == 0 && table->pages && most > 0; most--) {
		struct table_bucket *page = table->pages;

		table->pages = (struct table_bucket *)(uintptr_t)page->slot[0];
		unmap(page, PAGE_BUCKETS);
	}
	return table->buckets > 0 || table->pages;
}

void table_finish(struct table *table)
{
	table_drain(table, SIZE_MAX);
}

size_t table_memory(const struct table *table)
{
	size_t bytes = table->buckets * sizeof(struct table_bucket);

	for (const struct table_bucket *page = table->pages; page;
	     page = (const struct table_bucket *)(uintptr_t)page->slot[0]) {
		bytes += PAGE_BUCKETS * sizeof(*page);
	}
	return bytes;
}
