/* SPDX-License-Identifier: MIT */
/*
 * Lines that a worker repeats.
 *
 * Two lines may share a row, which then forgets one of them: more is let through, never less.
 */
#include "repeats.h"

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

bool repeats_admit(struct repeats *repeats, const char *text, int64_t now_ms,
		   unsigned *ret_left_out)
{
	uint64_t value = hash(text);
	struct repeats_row *row = &repeats->rows[value % REPEATS_ROWS];
	bool same = row->hash == value;
	unsigned left_out = same && row->seen > REPEATS_ADMITTED ? row->seen - REPEATS_ADMITTED : 0;

	if (same && now_ms - row->since_ms < REPEATS_WINDOW_MS) {
		row->seen++;
		*ret_left_out = 0;
		return row->seen <= REPEATS_ADMITTED;
	}
	row->hash = value;
	row->since_ms = now_ms;
	row->seen = 1;
	*ret_left_out = left_out;
	return true;
}

void repeats_log(struct repeats *repeats, const char *title, enum shiny_log_level level,
		 const char *text, int64_t now_ms)
{
	unsigned left_out;

	if (!repeats_admit(repeats, text, now_ms, &left_out)) {
		return;
	}
	if (left_out > 0) {
		char line[128];

		snprintf(line, sizeof(line), "[%s] %u lines like the next one were left out", title,
			 left_out);
		log_to_target(level, line);
	}
	log_to_target(level, text);
}
