/* SPDX-License-Identifier: MIT */
/*
 * How long to wait before a worker that died is started again: 100 ms, doubled up to 30 s, and from
 * the beginning once it has served for a minute.
 */
#ifndef SHINYD_BACKOFF_H
#define SHINYD_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS   100u
#define BACKOFF_LAST_MS	   30000u
#define BACKOFF_HEALTHY_MS 60000

struct backoff {
	unsigned delay_ms; /* the last one given; 0: none yet */
};

/* backoff_next() - the delay after a life of @served_ms */
static inline unsigned backoff_next(struct backoff *backoff, int64_t served_ms)
{
	if (backoff->delay_ms == 0 || served_ms >= BACKOFF_HEALTHY_MS) {
		backoff->delay_ms = BACKOFF_FIRST_MS;
	} else if (backoff->delay_ms <= BACKOFF_LAST_MS / 2) {
		backoff->delay_ms *= 2;
	} else {
		backoff->delay_ms = BACKOFF_LAST_MS;
	}
	return backoff->delay_ms;
}

#endif
