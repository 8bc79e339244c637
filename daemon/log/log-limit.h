/* SPDX-License-Identifier: MIT */
/*
 * The rate limit of the log: of a line that a worker repeats, the first few of ten seconds are let
 * through; the rest is counted and reported at their end.
 *
 * The supervisor has one for each worker, and --single one for itself.
 */
#ifndef SHINYD_LOG_LIMIT_H
#define SHINYD_LOG_LIMIT_H

#include "log/log.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG_LIMIT_ROWS	      64
#define LOG_LIMIT_BURST	      10
#define LOG_LIMIT_INTERVAL_MS 10000

/* Of a line, to tell which one it was. */
#define LOG_LIMIT_BEGIN_MAX 128

struct log_limit_row {
	uint64_t hash; /* of the line that was last seen here */
	enum shiny_log_level level;
	int64_t since_ms;
	unsigned seen;
	char begin[LOG_LIMIT_BEGIN_MAX];
};

struct log_limit {
	struct log_limit_row rows[LOG_LIMIT_ROWS];
	int64_t report_ms; /* when the first interval with dropped lines ends; 0: there is none */
};

/* log_limit_admit() - whether @text may be logged now; counts it if not */
bool log_limit_admit(struct log_limit *limit, enum shiny_log_level level, const char *text,
		     int64_t now_ms);

/* log_limit_write() - log @text if it is admitted */
void log_limit_write(struct log_limit *limit, enum shiny_log_level level, const char *text,
		     int64_t now_ms);

/* log_limit_report() - log the counts of intervals that are over; at INT64_MAX of all of them */
void log_limit_report(struct log_limit *limit, int64_t now_ms);

/* log_limit_timeout() - when log_limit_report() is due; INT64_MAX: never */
static inline int64_t log_limit_timeout(const struct log_limit *limit)
{
	return limit->report_ms != 0 ? limit->report_ms : INT64_MAX;
}

#endif
