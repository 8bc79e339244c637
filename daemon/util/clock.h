/* SPDX-License-Identifier: MIT */
/*
 * The monotonic clock. A loop reads it once a turn and hands it on as now_ms, so that what depends
 * on time can be tested without a clock.
 */
#ifndef SHINYD_CLOCK_H
#define SHINYD_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int64_t clock_now_ms(void)
{
	return clock_now_us() / 1000;
}

#endif
