/* SPDX-License-Identifier: MIT */
/*
 * What INFO says of commands: how often they were called, how long that took, and what failed.
 */
#include "command/instance.h"
#include "commands/command-info.h"
#include "commands/info.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_US 1000

static void print_row(FILE *out, const struct command_stats_row *row)
{
	char name[COMMAND_FULL_NAME_MAX];
	uint64_t us = row->ns / NS_PER_US;

	command_full_name(row->parent, row->command, name);
	fprintf(out, "cmdstat_%s:calls=%" PRIu64 ",usec=%" PRIu64 ",usec_per_call=%.2f", name,
		row->calls, us, row->calls ? (double)us / (double)row->calls : 0);
	fprintf(out, ",rejected_calls=%" PRIu64 ",failed_calls=%" PRIu64 "\r\n", row->rejected,
		row->failed);
}

void info_commandstats(FILE *out, const struct call *call)
{
	const struct command_stats *stats = &call->instance->command_stats;

	for (unsigned i = 0; i < stats->count; i++) {
		const struct command_stats_row *row = &stats->rows[i];

		if (row->calls || row->rejected || row->failed) {
			print_row(out, row);
		}
	}
}

void info_errorstats(FILE *out, const struct call *call)
{
	const struct error_stats *stats = &call->instance->error_stats;

	for (unsigned i = 0; i < ERROR_KINDS && stats->kinds[i].count; i++) {
		fprintf(out, "errorstat_%s:count=%" PRIu64 "\r\n", stats->kinds[i].code,
			stats->kinds[i].count);
	}
}

static void print_percentiles(FILE *out, const struct command_stats_row *row,
			      const struct shiny_resp_arg *percentiles)
{
	const char *at = percentiles->data, *end = at + percentiles->len;
	char name[COMMAND_FULL_NAME_MAX], percentile[32];

	command_full_name(row->parent, row->command, name);
	fprintf(out, "latency_percentiles_usec_%s:", name);
	while (at < end) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		int len = (int)((blank ? blank : end) - at);

		snprintf(percentile, sizeof(percentile), "%.*s", len, at);
		fprintf(out, "%sp%s=%.3f", at == percentiles->data ? "" : ",", percentile,
			(double)histogram_percentile(row->histogram, atof(percentile)) / NS_PER_US);
		at += len + 1;
	}
	fprintf(out, "\r\n");
}

void info_latencystats(FILE *out, const struct call *call)
{
	const struct command_stats *stats = &call->instance->command_stats;

	for (unsigned i = 0; i < stats->count && stats->tracking; i++) {
		if (stats->rows[i].histogram) {
			print_percentiles(out, &stats->rows[i], &stats->percentiles);
		}
	}
}
