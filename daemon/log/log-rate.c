/* SPDX-License-Identifier: MIT */
/*
 * A token bucket; one line is a thousand tokens, so that each millisecond adds whole ones.
 */
#include "log/log-rate.h"

#include "log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/param.h>

#define LINE 1000

static void fill(struct log_rate *rate, int64_t per_s, int64_t now_ms)
{
	int64_t most = LOG_RATE_BURST_S * per_s * LINE;
	int64_t passed_ms = MIN(now_ms - rate->filled_ms, LOG_RATE_BURST_S * 1000);

	if (passed_ms > 0) {
		rate->left = MIN(rate->left + passed_ms * per_s, most);
		rate->filled_ms = now_ms;
	}
}

bool log_rate_admit(struct log_rate *rate, int64_t per_s, size_t len, int64_t now_ms)
{
	int64_t cost = (int64_t)(len / LOG_RATE_LINE_SIZE + 1) * LINE;

	if (per_s == 0) {
		rate->is_exhausted = false;
		return true;
	}
	fill(rate, per_s, now_ms);
	rate->is_exhausted = rate->left < cost;
	if (rate->is_exhausted) {
		rate->dropped++;
		if (rate->report_ms == 0) {
			rate->report_ms = now_ms + LOG_RATE_INTERVAL_MS;
		}
		return false;
	}
	rate->left -= cost;
	return true;
}

void log_rate_report(struct log_rate *rate, const char *title, int64_t now_ms)
{
	uint64_t dropped = rate->dropped - rate->reported;
	char line[256];

	if (dropped == 0 || now_ms < rate->report_ms) {
		return;
	}
	snprintf(line, sizeof(line), "[%.128s] %" PRIu64 " of its lines %s left out: log_rate",
		 title, dropped, dropped == 1 ? "was" : "were");
	log_write_to_target(SHINY_LOG_WARNING, line);
	rate->reported = rate->dropped;
	rate->report_ms = 0;
}
