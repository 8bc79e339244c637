/* SPDX-License-Identifier: MIT */
/*
 * What INFO tells of times other than now: the most memory, and how much there was to do of late.
 *
 * Nothing is counted where requests are run; what is known there anyway is looked at once a second.
 */
#include "command/usage.h"

#include <malloc.h>
#include <string.h>

#define INTERVAL_MS 1000

static uint64_t update_peak(struct usage *usage, const struct keyspace *keyspace)
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
	return update_peak(usage, keyspace);
}

/* The first interval began before anyone looked; and CONFIG RESETSTAT counts anew. */
static void update_rate(struct usage *usage, unsigned counter, uint64_t count, int64_t elapsed_ms)
{
	uint64_t before = usage->counts[counter];

	if (usage->since_ms && count >= before) {
		usage->rates[counter] = (count - before) * 1000 / (uint64_t)elapsed_ms;
	}
	usage->counts[counter] = count;
}

void usage_tick(struct usage *usage, const struct keyspace *keyspace,
		const uint64_t counts[USAGE_COUNTERS], int64_t now_ms)
{
	int64_t elapsed = now_ms - usage->since_ms;

	if (elapsed < INTERVAL_MS) {
		return;
	}
	for (unsigned i = 0; i < USAGE_COUNTERS; i++) {
		update_rate(usage, i, counts[i], elapsed);
	}
	usage->since_ms = now_ms;
	update_peak(usage, keyspace);
}

void usage_reset(struct usage *usage)
{
	memset(usage->rates, 0, sizeof(usage->rates));
}
