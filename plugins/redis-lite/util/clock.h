/* SPDX-License-Identifier: MIT */
/*
 * The two clocks: the wall's, which is set now and then, for moments that are told or agreed with
 * others; and one that only ever goes on, for everything that lasts.
 */
#ifndef REDIS_LITE_UTIL_CLOCK_H
#define REDIS_LITE_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline int64_t wall_clock_ns(void)
{
	return clock_read_ns(CLOCK_REALTIME);
}

static inline int64_t wall_clock_ms(void)
{
	return wall_clock_ns() / 1000000;
}

static inline int64_t steady_clock_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

static inline int64_t steady_clock_ms(void)
{
	return steady_clock_ns() / 1000000;
}

/* How long the distance between the clocks is taken for what it was. */
#define CLOCK_DISTANCE_NS 10000000

/* From the steady clock to the wall's; zeroed: not known yet. */
struct clock_distance {
	int64_t ns, seen_ns; /* and when it was seen, by the steady clock */
};

/* wall_clock_ms_at() - what the wall's clock shows when the steady one shows that, for one reading */
static inline int64_t wall_clock_ms_at(struct clock_distance *distance, int64_t now_ns)
{
	if (now_ns - distance->seen_ns >= CLOCK_DISTANCE_NS || !distance->seen_ns) {
		distance->ns = wall_clock_ns() - now_ns;
		distance->seen_ns = now_ns;
	}
	return (now_ns + distance->ns) / 1000000;
}

#endif
