/* SPDX-License-Identifier: MIT */
/*
 * How long something took, counted by how long it took.
 *
 * Times are kept to within a hundredth: values of one power of two share 128 counters, as in the
 * histograms of Redis, so that both tell the same percentiles of the same times.
 */
#ifndef REDIS_LITE_UTIL_HISTOGRAM_H
#define REDIS_LITE_UTIL_HISTOGRAM_H

#include <stdint.h>

/* Times are of 1 ns to 1 s; others count as the nearest. */
#define HISTOGRAM_MAX INT64_C(1000000000)

/* Counters of a power of two; those below 256 have one each. */
#define HISTOGRAM_HALF	   128
#define HISTOGRAM_COUNTERS (24 * HISTOGRAM_HALF)

/* Zeroed: empty. */
struct histogram {
	uint64_t total;
	uint64_t counts[HISTOGRAM_COUNTERS];
};

/* histogram_add() - @count times @ns */
void histogram_add(struct histogram *histogram, int64_t ns, uint64_t count);

/* histogram_percentile() - the time that so many of a hundred did not exceed; 0 of an empty one */
int64_t histogram_percentile(const struct histogram *histogram, double percent);

/*
 * histogram_below() - how many took no longer than about @limit
 *
 * @ret_limit is the longest time that is counted among them.
 */
uint64_t histogram_below(const struct histogram *histogram, int64_t limit, int64_t *ret_limit);

#endif
