/* SPDX-License-Identifier: MIT */
/*
 * max_connections, lowered to what the limit of descriptors allows.
 */
#include "config/config-clamp.h"

#include "process/descriptor-limit.h"

#include <limits.h>

/* Of all workers of a section together. */
static unsigned connections_of(const struct config_section *server, unsigned descriptors)
{
	unsigned workers = (unsigned)server->values[SERVER_WORKERS].number;
	uint64_t all = (uint64_t)descriptor_limit_connections(descriptors, workers) * workers;

	return all < INT_MAX ? (unsigned)all : INT_MAX;
}

void config_clamp(struct config *config, unsigned descriptors)
{
	for (size_t i = 0; i < config->n_servers; i++) {
		struct config_section *server = config->servers[i];
		unsigned most = connections_of(server, descriptors);
		int64_t wanted = server->values[SERVER_MAX_CONNECTIONS].number;

		if (wanted == 0 || wanted > most) {
			config_adjust(server, SERVER_MAX_CONNECTIONS, most,
				      "%u descriptors allow no more", descriptors);
		}
	}
}
