/* SPDX-License-Identifier: MIT */
/*
 * How much a section may log: a bucket of lines that is filled at a steady rate.
 *
 * A section may log ten seconds' worth at once. What finds the bucket empty is dropped, and how many
 * those were is logged every ten seconds. A long line counts as several, so that the rate is one of
 * bytes, too.
 */
#ifndef SHINYD_LOG_RATE_H
#define SHINYD_LOG_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_RATE_BURST_S     10
#define LOG_RATE_LINE_SIZE   256 /* bytes that count as a line */
#define LOG_RATE_INTERVAL_MS 10000

/* Zeroed memory is one that has not been used. */
struct log_rate {
	int64_t filled_ms; /* when it was last filled; 0: never */
	int64_t left;	   /* in thousandths of a line */
	uint64_t dropped, reported;
	int64_t report_ms; /* when those that were dropped are reported; 0: there are none */
	bool is_exhausted;
};

/* log_rate_admit() - whether a line may be logged now, at @per_s lines a second; 0: at any rate */
bool log_rate_admit(struct log_rate *rate, int64_t per_s, size_t len, int64_t now_ms);

/* log_rate_report() - log how many were dropped, once it is time; INT64_MAX: in any case */
void log_rate_report(struct log_rate *rate, const char *title, int64_t now_ms);

/* log_rate_timeout() - when log_rate_report() is due; INT64_MAX: never */
static inline int64_t log_rate_timeout(const struct log_rate *rate)
{
	return rate->report_ms != 0 ? rate->report_ms : INT64_MAX;
}

#endif
