/* SPDX-License-Identifier: MIT */
/*
 * Memory that a worker shares with its supervisor, and what its counters say of the worker's loop.
 */
#include "ipc/stats.h"

#include <string.h>
#include <sys/mman.h>

static const char *const event_names[SHINY_EVENT_MAX] = {
	[SHINY_EVENT_HANDLE] = "handle", [SHINY_EVENT_ACCEPT] = "accept",
	[SHINY_EVENT_CLOSED] = "closed", [SHINY_EVENT_TICK] = "tick",
	[SHINY_EVENT_COMMIT] = "commit",
};

struct shared *stats_create(void)
{
	void *memory = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory != MAP_FAILED ? memory : NULL;
}

void stats_destroy(struct shared *shared)
{
	if (shared != NULL) {
		munmap(shared, sizeof(*shared));
	}
}

void stats_reset(struct shared *shared)
{
	memset(&shared->stats, 0, sizeof(shared->stats));
	memset(&shared->notices, 0, sizeof(shared->notices));
	memset(&shared->degraded, 0, sizeof(shared->degraded));
}

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
