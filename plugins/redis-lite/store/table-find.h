/* SPDX-License-Identifier: MIT */
/*
 * Finding a key: its tag among the slots of a bucket, then the key itself in the entries that have
 * the tag.
 *
 * All slots are compared: where an entry stands is as good as random, and a mispredicted branch on
 * it would cost more than the comparisons. SSE2, which every x86-64 has, does them in a dozen
 * instructions. It is all inline, as every request comes through here and half of its work would be
 * calls.
 */
#ifndef REDIS_LITE_STORE_TABLE_FIND_H
#define REDIS_LITE_STORE_TABLE_FIND_H

#include "store/table.h"

#define TABLE_TAG  ((table_slot)0xffff << 48)
#define TABLE_LAST (TABLE_BUCKET_SLOTS - 1)

#ifdef __SSE2__

#include <emmintrin.h>

/* The upper halves of four slots, which hold the tags. */
static inline __m128i table_upper_halves(const table_slot *slots)
{
	__m128 low = _mm_load_ps((const float *)slots);
	__m128 high = _mm_load_ps((const float *)(slots + 2));

	return _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
}

static inline unsigned table_match_four(const table_slot *slots, __m128i mask, __m128i tags)
{
	__m128i equal = _mm_cmpeq_epi32(_mm_and_si128(table_upper_halves(slots), mask), tags);

	return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(equal));
}

/* table_match() - the slots that have a tag, by bit */
static inline unsigned table_match(const struct table_bucket *bucket, table_slot tag)
{
	const __m128i mask = _mm_set1_epi32((int)0xffff0000);
	const __m128i tags = _mm_set1_epi32((int)(tag >> 32));

	return table_match_four(bucket->slot, mask, tags) |
	       table_match_four(bucket->slot + 4, mask, tags) << 4;
}

#else

static inline unsigned table_match(const struct table_bucket *bucket, table_slot tag)
{
	unsigned slots = 0;

	for (unsigned i = 0; i < TABLE_BUCKET_SLOTS; i++) {
		slots |= (unsigned)((bucket->slot[i] & TABLE_TAG) == tag) << i;
	}
	return slots;
}

#endif

/* table_tag() - the hash's upper bits, in place; its lower ones choose the bucket. Never 0. */
static inline table_slot table_tag(uint64_t hash)
{
	table_slot tag = hash & TABLE_TAG;

	return tag ? tag : (table_slot)1 << 48;
}

/* table_overflow() - the bucket that the last slot links to, or NULL */
static inline struct table_bucket *table_overflow(const struct table_bucket *bucket)
{
	table_slot last = bucket->slot[TABLE_LAST];

	return last & TABLE_TAG ? NULL : (struct table_bucket *)(uintptr_t)last;
}

/* table_candidate() - an entry that may be the key's, without looking at it; or NULL */
static inline struct entry *table_candidate(const struct table *table, uint64_t hash)
{
	if (table->buckets == 0) {
		return NULL;
	}
	const struct table_bucket *bucket = table_bucket(table, table_index(table, hash));
	unsigned slots = table_match(bucket, table_tag(hash));
	return slots ? table_entry(bucket->slot[__builtin_ctz(slots)]) : NULL;
}

/* table_find_as() - table_find() with the comparison of keys of that length */
static inline __attribute__((always_inline)) table_slot *
table_find_as(const struct table *table, const struct key *key,
	      bool (*equal)(const char *a, const char *b, size_t len))
{
	table_slot tag = table_tag(key->hash);

	if (table->buckets == 0) {
		return NULL;
	}
	struct table_bucket *bucket = table_bucket(table, table_index(table, key->hash));
	do {
		for (unsigned slots = table_match(bucket, tag); slots; slots &= slots - 1) {
			table_slot *slot = &bucket->slot[__builtin_ctz(slots)];
			const struct entry *entry = table_entry(*slot);

			if (entry_key_len(entry) == key->len &&
			    equal(entry_key(entry), key->data, key->len)) {
				return slot;
			}
		}
		bucket = table_overflow(bucket);
	} while (bucket);
	return NULL;
}

/* table_find_any() - table_find() of a key whose comparison takes a call */
table_slot *table_find_any(const struct table *table, const struct key *key);

/* table_find() - the slot of a key, valid until the table changes; or NULL */
static inline table_slot *table_find(const struct table *table, const struct key *key)
{
	return bytes_are_two_words(key->len) ? table_find_as(table, key, bytes_equal_two_words)
					     : table_find_any(table, key);
}

#endif
