/* SPDX-License-Identifier: MIT */
/*
 * What INFO says of memory.
 */
#include "aof/aof.h"
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/info.h"
#include "store/evict.h"

#include <inttypes.h>
#include <unistd.h>

/* Largest unit first, as Redis writes it: 1.23M. */
static void print_human(FILE *out, const char *field, uint64_t bytes)
{
	static const char units[] = "BKMGTP";
	double value = (double)bytes;
	unsigned unit = 0;

	while (value >= 1024 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	fprintf(out, unit ? "%s:%.2f%c\r\n" : "%s:%.0f%c\r\n", field, value, units[unit]);
}

static uint64_t resident(void)
{
	uint64_t pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");

	if (statm) {
		if (fscanf(statm, "%*u %" SCNu64, &pages) != 1) {
			pages = 0;
		}
		fclose(statm);
	}
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t system_memory(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static size_t clients_memory(const struct call *call)
{
	struct shiny_server *server = call->instance->host->server;
	size_t sum = 0;

	for (struct shiny_conn *conn = NULL; (conn = shiny_server_next(server, conn));) {
		sum += client_memory(conn);
		work_add(&call->instance->work, WORK_LOOK);
	}
	return sum;
}

static size_t aof_buffer(const struct aof *aof)
{
	struct aof_status status = { 0 };

	if (aof) {
		aof_get_status(aof, &status);
	}
	return status.unwritten;
}

void info_memory(FILE *out, const struct call *call)
{
	const struct keyspace *keyspace = &call->instance->keyspace;
	struct usage *usage = &call->instance->usage;
	uint64_t used = usage_memory(usage, keyspace), rss = resident();

	fprintf(out, "used_memory:%" PRIu64 "\r\n", used);
	print_human(out, "used_memory_human", used);
	fprintf(out, "used_memory_rss:%" PRIu64 "\r\n", rss);
	print_human(out, "used_memory_rss_human", rss);
	fprintf(out, "used_memory_peak:%" PRIu64 "\r\n", usage->memory_peak);
	print_human(out, "used_memory_peak_human", usage->memory_peak);
	fprintf(out, "used_memory_peak_perc:%.2f%%\r\n",
		100 * (double)used / (double)usage->memory_peak);
	fprintf(out, "used_memory_overhead:%" PRIu64 "\r\n", used - keyspace_used(keyspace));
	fprintf(out, "used_memory_startup:%" PRIu64 "\r\n", usage->memory_startup);
	fprintf(out, "used_memory_dataset:%zu\r\n", keyspace_used(keyspace));
	fprintf(out, "used_memory_dataset_perc:%.2f%%\r\n",
		100 * (double)keyspace_used(keyspace) / (double)used);
	fprintf(out, "total_system_memory:%" PRIu64 "\r\n", system_memory());
	print_human(out, "total_system_memory_human", system_memory());
	fprintf(out, "maxmemory:%" PRIu64 "\r\n", keyspace->limit);
	print_human(out, "maxmemory_human", keyspace->limit);
	fprintf(out, "maxmemory_policy:%s\r\n", evict_names[keyspace->policy]);
	fprintf(out, "mem_fragmentation_ratio:%.2f\r\n", (double)rss / (double)used);
	fprintf(out, "mem_fragmentation_bytes:%" PRId64 "\r\n", (int64_t)(rss - used));
	fprintf(out, "mem_not_counted_for_evict:%" PRIu64 "\r\n", used - keyspace_used(keyspace));
	fprintf(out, "mem_clients_normal:%zu\r\n", clients_memory(call));
	fprintf(out, "mem_aof_buffer:%zu\r\n", aof_buffer(call->instance->aof));
	fprintf(out, "mem_allocator:libc\r\n");
}
