/* SPDX-License-Identifier: MIT */
/*
 * Error replies by kind, for INFO errorstats. Counted where an error is replied.
 */
#ifndef REDIS_LITE_COMMAND_ERROR_STATS_H
#define REDIS_LITE_COMMAND_ERROR_STATS_H

#include <stdint.h>

/* More kinds than there are codes. */
#define ERROR_KINDS	16

#define ERROR_CODE_SIZE 16

/* How many error replies began with which code. */
struct error_stats {
	uint64_t total;
	struct {
		char code[ERROR_CODE_SIZE];
		uint64_t count;
	} kinds[ERROR_KINDS];
};

/* error_stats_count() - one more, by its text */
void error_stats_count(struct error_stats *stats, const char *text);

#endif
