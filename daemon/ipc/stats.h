/* SPDX-License-Identifier: MIT */
/*
 * Memory that a worker shares with its supervisor: what the worker counts, and settings that may
 * change while it runs.
 *
 * It outlives the worker, so that the next one of the same child has the same.
 */
#ifndef SHINYD_STATS_H
#define SHINYD_STATS_H

#include "ipc/degraded.h"
#include "ipc/notices.h"

#include <shiny.h>

struct shared {
	struct shiny_stats stats;     /* the worker's to write, as the next two */
	struct notice_counts notices; /* what its server did by itself */
	struct degraded degraded;     /* what its plugin says of itself */
	unsigned drain_timeout_ms;    /* the supervisor's to write */
	unsigned log_level;	      /* likewise: enum shiny_log_level */
};

/* stats_create() - zeroed memory that children inherit; NULL with errno if there is none */
struct shared *stats_create(void);
void stats_destroy(struct shared *shared);

/* stats_reset() - zero what a worker writes, for the next one */
void stats_reset(struct shared *shared);

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
