/* SPDX-License-Identifier: MIT */
/*
 * The rate limit of the log: a small table, with a row for each line that was seen lately.
 *
 * Two lines may share a row, which then forgets one of them: more is let through, never less.
 */
#include "log/log-limit.h"

#include <stdio.h>

/* FNV-1a */
static uint64_t hash(const char *text)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++) {
		value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	}
	return value;
}

static unsigned count_dropped(const struct log_limit_row *row)
{
	return row->seen > LOG_LIMIT_BURST ? row->seen - LOG_LIMIT_BURST : 0;
}

static void report_dropped(struct log_limit_row *row)
{
	char line[LOG_LINE_MAX];

	snprintf(line, sizeof(line), "%s (%u more such lines were left out)", row->begin,
		 count_dropped(row));
	log_write_to_target(row->level, line);
	row->seen = LOG_LIMIT_BURST;
}

/* At the end of the row's interval, unless another one ends before. */
static void report_later(struct log_limit *limit, const struct log_limit_row *row)
{
	int64_t end_ms = row->since_ms + LOG_LIMIT_INTERVAL_MS;

	if (limit->report_ms == 0 || end_ms < limit->report_ms) {
		limit->report_ms = end_ms;
	}
}

void log_limit_report(struct log_limit *limit, int64_t now_ms)
{
	if (limit->report_ms == 0 || limit->report_ms > now_ms) {
		return;
	}
	limit->report_ms = 0;
	for (size_t i = 0; i < LOG_LIMIT_ROWS; i++) {
		struct log_limit_row *row = &limit->rows[i];

		if (count_dropped(row) > 0 && row->since_ms + LOG_LIMIT_INTERVAL_MS <= now_ms) {
			report_dropped(row);
		} else if (count_dropped(row) > 0) {
			report_later(limit, row);
		}
	}
}

bool log_limit_admit(struct log_limit *limit, enum shiny_log_level level, const char *text,
		     int64_t now_ms)
{
	uint64_t value = hash(text);
	struct log_limit_row *row = &limit->rows[value % LOG_LIMIT_ROWS];

	if (row->hash != value || now_ms - row->since_ms >= LOG_LIMIT_INTERVAL_MS) {
		if (count_dropped(row) > 0) {
			report_dropped(row);
		}
		*row = (struct log_limit_row){ .hash = value, .level = level, .since_ms = now_ms };
		snprintf(row->begin, sizeof(row->begin), "%s", text);
	}
	row->seen++;
	if (count_dropped(row) > 0) {
		report_later(limit, row);
	}
	return count_dropped(row) == 0;
}

void log_limit_write(struct log_limit *limit, enum shiny_log_level level, const char *text,
		     int64_t now_ms)
{
	if (log_limit_admit(limit, level, text, now_ms)) {
		log_write_to_target(level, text);
	}
}
