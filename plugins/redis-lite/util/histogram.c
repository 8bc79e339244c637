/* SPDX-License-Identifier: MIT */
/*
 * Times counted by how long they were, in classes that grow with them.
 *
 * The eight highest binary digits of a time choose its counter. So a percentile is right to a
 * hundredth whatever the times are, and a histogram has a fixed size.
 */
#include "util/histogram.h"

/* Bits of a time that its counter is found by; the highest one is set unless it has fewer. */
#define BITS 8

static unsigned shift_of(int64_t ns)
{
	uint64_t bits = (uint64_t)ns | (2 * HISTOGRAM_HALF - 1);

	return (unsigned)(64 - BITS - __builtin_clzll(bits));
}

static unsigned counter_of(int64_t ns)
{
	unsigned shift = shift_of(ns);

	return shift * HISTOGRAM_HALF + (unsigned)(ns >> shift);
}

/* The longest time that this counter counts. */
static int64_t longest_of(unsigned counter)
{
	unsigned shift = counter < 2 * HISTOGRAM_HALF ? 0 : counter / HISTOGRAM_HALF - 1;

	return ((int64_t)(counter - shift * HISTOGRAM_HALF + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, int64_t ns, uint64_t count)
{
	ns = ns < 1 ? 1 : ns > HISTOGRAM_MAX ? HISTOGRAM_MAX : ns;
	histogram->counts[counter_of(ns)] += count;
	histogram->total += count;
}

int64_t histogram_percentile(const struct histogram *histogram, double percent)
{
	uint64_t wanted = (uint64_t)(percent / 100 * (double)histogram->total + 0.5), seen = 0;

	wanted = wanted ? wanted : 1;
	for (unsigned i = 0; i < HISTOGRAM_COUNTERS; i++) {
		seen += histogram->counts[i];
		if (seen >= wanted) {
			return longest_of(i);
		}
	}
	return 0;
}

uint64_t histogram_below(const struct histogram *histogram, int64_t limit, int64_t *ret_limit)
{
	unsigned last = counter_of(limit < HISTOGRAM_MAX ? limit : HISTOGRAM_MAX);
	uint64_t count = 0;

	for (unsigned i = 0; i <= last; i++) {
		count += histogram->counts[i];
	}
	*ret_limit = longest_of(last);
	return count;
}
