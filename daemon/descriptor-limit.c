/* SPDX-License-Identifier: MIT */
/*
 * How many descriptors a worker may open, and so how many connections it may have.
 */
#include "descriptor-limit.h"

#include "log.h"

#include <limits.h>
#include <sys/resource.h>

/* For the listening sockets, the loop, and the files of the plugin. */
#define DESCRIPTORS_KEPT 64

unsigned descriptor_limit_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
		return UINT_MAX;
	}
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit raised = { limit.rlim_max, limit.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
			limit = raised;
		}
	}
	return limit.rlim_cur < INT_MAX ? (unsigned)limit.rlim_cur : INT_MAX;
}

/* Each worker has a descriptor for each of its siblings. */
static unsigned connections_of(unsigned descriptors, unsigned workers)
{
	unsigned kept = DESCRIPTORS_KEPT + (workers > 1 ? workers : 0);

	return descriptors > 2 * kept ? descriptors - kept : descriptors / 2;
}

unsigned descriptor_limit_connections(unsigned workers)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > INT_MAX) {
		return INT_MAX;
	}
	return connections_of((unsigned)limit.rlim_cur, workers);
}

void descriptor_limit_clamp(struct config *config, unsigned descriptors)
{
	for (size_t i = 0; i < config->n_servers; i++) {
		struct config_section *server = config->servers[i];
		unsigned workers = (unsigned)server->values[SERVER_WORKERS].number;
		uint64_t all = (uint64_t)connections_of(descriptors, workers) * workers;
		unsigned most = all < INT_MAX ? (unsigned)all : INT_MAX;
		int64_t wanted = server->values[SERVER_MAX_CONNECTIONS].number;

		if (wanted > most) {
			log_write(SHINY_LOG_WARNING,
				  "[%s] max_connections is lowered from %lld to %u, as a process "
				  "here may open %u descriptors",
				  server->title, (long long)wanted, most, descriptors);
		}
		if (wanted == 0 || wanted > most) {
			config_adjust(server, SERVER_MAX_CONNECTIONS, most,
				      "%u descriptors allow no more", descriptors);
		}
	}
}
