/* SPDX-License-Identifier: MIT */
/*
 * Lines that a worker repeats.
 *
 * Two lines may share a row, which then forgets one of them: more is let through, never less.
 */
#include "log/repeats.h"

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

static unsigned left_out(const struct repeats_row *row)
{
	return row->seen > REPEATS_ADMITTED ? row->seen - REPEATS_ADMITTED : 0;
}

static void tell(struct repeats_row *row)
{
	char line[LOG_LINE_MAX];

	snprintf(line, sizeof(line), "%s (%u more such lines were left out)", row->begin,
		 left_out(row));
	log_to_target(row->level, line);
	row->seen = REPEATS_ADMITTED;
}

/* At the end of a row's time, if none ends before. */
static void tell_later(struct repeats *repeats, const struct repeats_row *row)
{
	int64_t end_ms = row->since_ms + REPEATS_WINDOW_MS;

	if (repeats->tell_ms == 0 || end_ms < repeats->tell_ms) {
		repeats->tell_ms = end_ms;
	}
}

void repeats_tell(struct repeats *repeats, int64_t now_ms)
{
	if (repeats->tell_ms == 0 || repeats->tell_ms > now_ms) {
		return;
	}
	repeats->tell_ms = 0;
	for (size_t i = 0; i < REPEATS_ROWS; i++) {
		struct repeats_row *row = &repeats->rows[i];

		if (left_out(row) > 0 && row->since_ms + REPEATS_WINDOW_MS <= now_ms) {
			tell(row);
		} else if (left_out(row) > 0) {
			tell_later(repeats, row);
		}
	}
}

bool repeats_admit(struct repeats *repeats, enum shiny_log_level level, const char *text,
		   int64_t now_ms)
{
	uint64_t value = hash(text);
	struct repeats_row *row = &repeats->rows[value % REPEATS_ROWS];

	if (row->hash != value || now_ms - row->since_ms >= REPEATS_WINDOW_MS) {
		if (left_out(row) > 0) {
			tell(row);
		}
		*row = (struct repeats_row){ .hash = value, .level = level, .since_ms = now_ms };
		snprintf(row->begin, sizeof(row->begin), "%s", text);
	}
	row->seen++;
	if (left_out(row) > 0) {
		tell_later(repeats, row);
	}
	return left_out(row) == 0;
}

void repeats_log(struct repeats *repeats, enum shiny_log_level level, const char *text,
		 int64_t now_ms)
{
	if (repeats_admit(repeats, level, text, now_ms)) {
		log_to_target(level, text);
	}
}
