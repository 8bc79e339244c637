/* SPDX-License-Identifier: MIT */
/*
 * What INFO tells of times other than now: the most memory, and how many commands there were of late.
 *
 * Nothing is counted where requests are run; what is known there anyway is looked at once a second.
 */
#include "usage.h"

#include <malloc.h>

#define INTERVAL_MS 1000

static uint64_t note_memory(struct usage *usage, const struct keyspace *keyspace)
{
	uint64_t used = keyspace_memory(keyspace) + usage->other;

	if (used > usage->memory_peak) {
		usage->memory_peak = used;
	}
	return used;
}

/* mallinfo2() visits every free block there is: not for the tick. */
uint64_t usage_memory(struct usage *usage, const struct keyspace *keyspace)
{
	struct mallinfo2 heap = mallinfo2();

	/* Large entries are in both. */
	usage->other = heap.uordblks + heap.hblkhd - keyspace->heap.large;
	return note_memory(usage, keyspace);
}

void usage_tick(struct usage *usage, const struct keyspace *keyspace, uint64_t commands,
		int64_t now_ms)
{
	int64_t elapsed = now_ms - usage->since_ms;

	if (elapsed < INTERVAL_MS) {
		return;
	}
	/* The first interval began before anyone looked; and CONFIG RESETSTAT counts anew. */
	if (usage->since_ms && commands >= usage->commands) {
		usage->command_rate = (commands - usage->commands) * 1000 / (uint64_t)elapsed;
	}
	usage->commands = commands;
	usage->since_ms = now_ms;
	note_memory(usage, keyspace);
}
