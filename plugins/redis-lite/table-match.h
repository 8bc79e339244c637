/* SPDX-License-Identifier: MIT */
/*
 * Finding a tag among the slots of a bucket.
 *
 * All slots are compared: where an entry stands is as good as random, and a mispredicted branch on
 * it would cost more than the comparisons. SSE2, which every x86-64 has, does them in a dozen
 * instructions.
 */
#ifndef REDIS_LITE_TABLE_MATCH_H
#define REDIS_LITE_TABLE_MATCH_H

#include "table.h"

#define TABLE_TAG ((table_slot)0xffff << 48)

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

#endif
