/* SPDX-License-Identifier: MIT */
/*
 * The two clocks: the wall's, which is set now and then, for moments that are told or agreed with
 * others; and one that only ever goes on, for everything that lasts.
 */
#ifndef REDIS_LITE_CLOCK_H
#define REDIS_LITE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t wall_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline int64_t steady_clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline int64_t steady_clock_ms(void)
{
	return steady_clock_ns() / 1000000;
}

#endif
