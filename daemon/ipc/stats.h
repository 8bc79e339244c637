/* SPDX-License-Identifier: MIT */
/*
 * What the counters of a worker say of its loop.
 */
#ifndef SHINYD_STATS_H
#define SHINYD_STATS_H

#include <shiny.h>
#include <stdbool.h>

/* stats_running_event() - the event function that runs now, "handle"; or NULL. Signal-safe. */
const char *stats_running_event(const struct shiny_stats *stats);

/* stats_steps() - how far the loop has come: its turns, and what its plugin says of its progress */
uint64_t stats_steps(const struct shiny_stats *stats);

/* stats_has_ticked() - whether the loop has got beyond its first tick */
bool stats_has_ticked(const struct shiny_stats *stats);

/* stats_get() - one counter as it is now */
static inline uint64_t stats_get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
