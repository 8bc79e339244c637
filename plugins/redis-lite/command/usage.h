/* SPDX-License-Identifier: MIT */
/*
 * Figures of INFO that are sampled once a second instead of being counted: the peak of memory, and
 * rates.
 */
#ifndef REDIS_LITE_COMMAND_USAGE_H
#define REDIS_LITE_COMMAND_USAGE_H

#include "store/keyspace.h"

/* What is counted elsewhere, and looked at to learn how fast it grows. */
enum usage_counter {
	USAGE_COMMANDS,
	USAGE_BYTES_IN,
	USAGE_BYTES_OUT,
	USAGE_COUNTERS
};

/* What was looked at now and then; zeroed: nothing yet. */
struct usage {
	uint64_t memory_startup; /* before there was anything to keep */
	uint64_t memory_peak;
	uint64_t other; /* memory besides the keyspace's, when it was last asked for */

	uint64_t rates[USAGE_COUNTERS];	 /* a second, in the last interval */
	uint64_t counts[USAGE_COUNTERS]; /* when the next one began */
	int64_t since_ms;
};

/* usage_memory() - bytes in use now; what was most of all is remembered */
uint64_t usage_memory(struct usage *usage, const struct keyspace *keyspace);

/*
 * usage_tick() - look, if it is time to
 *
 * @counts: how many there have ever been of each. @now_ms is of a clock that is never set.
 */
void usage_tick(struct usage *usage, const struct keyspace *keyspace,
		const uint64_t counts[USAGE_COUNTERS], int64_t now_ms);

/* usage_reset() - there was nothing to do of late, for all that is told until the next interval ends */
void usage_reset(struct usage *usage);

#endif
