/* SPDX-License-Identifier: MIT */
/*
 * Walks over the table: all of a bucket, one of them, and the scan that clients steer.
 *
 * The scan's cursor counts through bucket indexes with its bits reversed, the highest first, as
 * Redis does: when the table grows, the buckets that an already visited one was split into are
 * already behind the cursor, and when it shrinks, what was merged is visited again.
 */
#include "store/table-internal.h"
#include "util/work.h"

void table_each(const struct table *table, size_t index, table_visitor visit, void *arg)
{
	const struct table_bucket *bucket = table_bucket(table, index);

	do {
		for (unsigned i = 0; i < TABLE_BUCKET_SLOTS && bucket->slot[i] & TABLE_TAG; i++) {
			visit(bucket->slot[i], arg);
		}
		bucket = table_overflow(bucket);
	} while (bucket);
}

void table_clear_used(struct table *table, size_t index)
{
	struct table_bucket *bucket = table_bucket(table, index);

	do {
		for (unsigned i = 0; i < TABLE_BUCKET_SLOTS && bucket->slot[i] & TABLE_TAG; i++) {
			bucket->slot[i] &= ~TABLE_SLOT_USED;
		}
		bucket = table_overflow(bucket);
	} while (bucket);
}

struct choice {
	uint64_t left; /* slots to pass before the chosen one */
	size_t seen;
	table_slot chosen;
};

static void choose(table_slot slot, void *arg)
{
	struct choice *choice = arg;

	if (choice->left-- == 0) {
		choice->chosen = slot;
	}
	choice->seen++;
}

/* Buckets differ little in how many they hold, and empty ones are passed over: not quite fair. */
table_slot table_random(const struct table *table, uint64_t random, struct work *work)
{
	size_t index = (random >> 32) % table->buckets;
	struct choice choice = { 0 };

	while (!table_bucket(table, index)->slot[0]) {
		index = (index + 1) % table->buckets;
		work_add(work, sizeof(struct table_bucket));
	}
	table_each(table, index, choose, &choice);
	choice = (struct choice){ .left = (uint32_t)random % choice.seen };
	table_each(table, index, choose, &choice);
	return choice.chosen;
}

static uint64_t reverse(uint64_t v)
{
	v = (v >> 1 & 0x5555555555555555) | (v & 0x5555555555555555) << 1;
	v = (v >> 2 & 0x3333333333333333) | (v & 0x3333333333333333) << 2;
	v = (v >> 4 & 0x0f0f0f0f0f0f0f0f) | (v & 0x0f0f0f0f0f0f0f0f) << 4;
	return __builtin_bswap64(v);
}

uint64_t table_scan(const struct table *table, uint64_t cursor, table_visitor visit, void *arg)
{
	size_t base_mask = table->mask >> 1, base = base_mask + 1;
	size_t index = cursor & base_mask;

	if (table->buckets == 0) {
		return 0;
	}
	table_each(table, index, visit, arg);
	if (index + base < table->buckets) {
		table_each(table, index + base, visit, arg);
	}
	return reverse(reverse(cursor | ~(uint64_t)base_mask) + 1);
}
