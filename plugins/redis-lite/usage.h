/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_USAGE_H
#define REDIS_LITE_USAGE_H

#include "keyspace.h"

/* What was looked at now and then; zeroed: nothing yet. */
struct usage {
	uint64_t memory_peak;
	uint64_t other; /* memory besides the keyspace's, when it was last asked for */

	/* Commands a second, in the last interval, and where the next one began. */
	uint64_t command_rate;
	uint64_t commands;
	int64_t since_ms;
};

/* usage_memory() - bytes in use now; what was most of all is remembered */
uint64_t usage_memory(struct usage *usage, const struct keyspace *keyspace);

/*
 * usage_tick() - look, if it is time to
 *
 * @commands: how many there have ever been. @now_ms is of a clock that is never set.
 */
void usage_tick(struct usage *usage, const struct keyspace *keyspace, uint64_t commands,
		int64_t now_ms);

#endif
