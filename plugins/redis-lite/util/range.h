/* SPDX-License-Identifier: MIT */
/*
 * Parts of values, as GETRANGE and BITCOUNT name them.
 */
#ifndef REDIS_LITE_UTIL_RANGE_H
#define REDIS_LITE_UTIL_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* Part of a value, both ends included; the empty one is 0 to -1. */
struct range {
	int64_t first, last;
};

/* range_is_backward() - whether both ends count from behind, the last one further */
static inline bool range_is_backward(struct range range)
{
	return range.first < 0 && range.last < 0 && range.first > range.last;
}

/*
 * range_clamp() - what of a range lies within @len units
 *
 * A negative end counts from behind, -1 being the last unit.
 */
static inline struct range range_clamp(struct range range, uint64_t len)
{
	const struct range empty = { 0, -1 };
	int64_t units = (int64_t)len;

	if (units == 0 || range_is_backward(range)) {
		return empty;
	}
	range.first += range.first < 0 ? units : 0;
	range.last += range.last < 0 ? units : 0;
	range.first = range.first < 0 ? 0 : range.first;
	range.last = range.last < 0 ? 0 : range.last;
	range.last = range.last >= units ? units - 1 : range.last;
	return range.first > range.last ? empty : range;
}

#endif
