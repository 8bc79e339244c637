/* SPDX-License-Identifier: MIT */
/*
 * What the counters of a worker say of its loop.
 */
#include "ipc/stats.h"

static const char *const event_names[SHINY_EVENT_MAX] = {
	[SHINY_EVENT_HANDLE] = "handle", [SHINY_EVENT_ACCEPT] = "accept",
	[SHINY_EVENT_CLOSED] = "closed", [SHINY_EVENT_TICK] = "tick",
	[SHINY_EVENT_COMMIT] = "commit",
};

uint64_t stats_steps(const struct shiny_stats *stats)
{
	return stats_get(&stats->turns) + stats_get(&stats->progress);
}

bool stats_has_ticked(const struct shiny_stats *stats)
{
	return stats_get(&stats->ticks) > 0;
}

const char *stats_running_event(const struct shiny_stats *stats)
{
	uint64_t event = stats_get(&stats->running);

	/* A plugin may have overwritten it with anything. */
	return event < SHINY_EVENT_MAX ? event_names[event] : NULL;
}
