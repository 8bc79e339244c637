/* SPDX-License-Identifier: MIT */
/*
 * How the table gets its memory, grows by a bucket, and gives the memory back.
 */
#include "store/huge.h"
#include "store/table-internal.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#define PAGE_BUCKETS 64
#define HUGE_BUCKETS (HUGE_SIZE / sizeof(struct table_bucket))

static struct table_bucket *map(size_t buckets)
{
	return huge_map(buckets * sizeof(struct table_bucket));
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

/* Maps the segment that begins at @index, if it is not there. */
static bool map_segment(struct table *table, size_t index)
{
	unsigned segment = segment_of(index);
	struct table_bucket *first;

	if (segment < TABLE_SEGMENTS && table->origin[segment]) {
		return true;
	}
	if (segment == TABLE_SEGMENTS || !(first = map(index))) {
		return false;
	}
	table->origin[segment] = (uintptr_t)first - index * sizeof(*first);
	return true;
}

static void unmap_segment(struct table *table, unsigned segment)
{
	size_t first = segment == 0 ? 0 : TABLE_FIRST << (segment - 1);

	if (table->origin[segment]) {
		unmap(table_bucket(table, first), segment == 0 ? TABLE_FIRST : first);
		table->origin[segment] = 0;
	}
}

/* Maps the memory of later buckets, which begins at @index, and has it made huge meanwhile. */
static void prepare_segment(struct table *table, size_t index)
{
	if (!begins_segment(index) || map_segment(table, index)) {
		huge_prepare(table->heap->maker, table_bucket(table, index));
	}
}

struct table_bucket *table_alloc_overflow(struct table *table)
{
	struct table_bucket *bucket;

	if (!table->spare) {
		struct table_bucket *page = map(PAGE_BUCKETS);

		if (!page) {
			return NULL;
		}
		page->slot[0] = (table_slot)(uintptr_t)table->pages;
		table->pages = page;
		table->page_count++;
		for (unsigned i = 1; i < PAGE_BUCKETS; i++) {
			table_free_overflow(table, &page[i]);
		}
	}
	bucket = table->spare;
	table->spare = (struct table_bucket *)(uintptr_t)bucket->slot[0];
	return bucket;
}

void table_free_overflow(struct table *table, struct table_bucket *bucket)
{
	bucket->slot[0] = (table_slot)(uintptr_t)table->spare;
	table->spare = bucket;
}

static uint64_t hash_of(const struct table *table, const struct entry *entry)
{
	return table_hash(entry_key(entry), entry_key_len(entry), table->seed);
}

/* Puts the slots of one bucket of a chain, up to its link, where the larger table has them. */
static void split_slots(struct table *table, const struct table_bucket *bucket)
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
	struct table_bucket *old = table_bucket(table, table_next_split(table));
	struct table_bucket bucket = *old, *overflow, *next;

	if (begins_segment(index) && !map_segment(table, index)) {
		return;
	}
	if (index % HUGE_BUCKETS == HUGE_BUCKETS / 2) {
		prepare_segment(table, index + HUGE_BUCKETS / 2);
	}
	for (unsigned i = 0; i < TABLE_BUCKET_SLOTS; i++) {
		prefetch(table_entry(bucket.slot[i]));
	}
	*old = (struct table_bucket){ 0 };
	table->buckets++;
	for (overflow = table_overflow(&bucket); overflow; overflow = next) {
		struct table_bucket copy = *overflow;

		next = table_overflow(overflow);
		table_free_overflow(table, overflow);
		split_slots(table, &copy);
	}
	split_slots(table, &bucket);
	if (table->buckets > table->mask) {
		table->mask = 2 * table->mask + 1;
	}
}

/* Destroys the entries of a bucket's chain. */
static void destroy_entries(struct table *table, const struct table_bucket *bucket)
{
	do {
		for (unsigned i = 0; i < TABLE_BUCKET_SLOTS && bucket->slot[i] & TABLE_TAG; i++) {
			entry_destroy(table->heap, table_entry(bucket->slot[i]));
			table->count--;
		}
		bucket = table_overflow(bucket);
	} while (bucket);
}

/* Gives back what held the buckets from @index on, where that is the unit of doing so. */
static void release_segment(struct table *table, size_t index)
{
	size_t unit = index < HUGE_BUCKETS ? PAGE_BUCKETS : HUGE_BUCKETS;

	if (index == 0 || begins_segment(index)) {
		unmap_segment(table, segment_of(index));
	} else if (index % unit == 0) {
		madvise(table_bucket(table, index), unit * sizeof(struct table_bucket),
			MADV_DONTNEED);
	}
}

bool table_drain(struct table *table, size_t most)
{
	unsigned ahead = table->buckets > 0 ? segment_of(table->buckets - 1) + 1 : 0;

	if (ahead < TABLE_SEGMENTS) {
		unmap_segment(table, ahead);
	}
	for (; table->buckets > 0 && most > 0; most--) {
		size_t index = --table->buckets;

		destroy_entries(table, table_bucket(table, index));
		release_segment(table, index);
	}
	for (; table->buckets == 0 && table->pages && most > 0; most--) {
		struct table_bucket *page = table->pages;

		table->pages = (struct table_bucket *)(uintptr_t)page->slot[0];
		table->page_count--;
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
	return (table->buckets + table->page_count * PAGE_BUCKETS) * sizeof(struct table_bucket);
}
