/* SPDX-License-Identifier: MIT */
/*
 * Lines that a worker repeats: the first few of a time are let through, the rest counted and
 * told at its end.
 */
#ifndef SHINYD_REPEATS_H
#define SHINYD_REPEATS_H

#include "log/log.h"

#include <stdbool.h>
#include <stdint.h>

#define REPEATS_ROWS	  64
#define REPEATS_ADMITTED  10
#define REPEATS_WINDOW_MS 10000

/* Of a line, to tell which one it was. */
#define REPEATS_BEGIN_MAX 128

struct repeats_row {
	uint64_t hash; /* of the line that was last seen here */
	enum shiny_log_level level;
	int64_t since_ms;
	unsigned seen;
	char begin[REPEATS_BEGIN_MAX];
};

struct repeats {
	struct repeats_row rows[REPEATS_ROWS];
	int64_t tell_ms; /* when some were left out and the first of their times ends; 0: none */
};

/* repeats_admit() - whether @text may be logged now; counts it if not */
bool repeats_admit(struct repeats *repeats, enum shiny_log_level level, const char *text,
		   int64_t now_ms);

/* repeats_log() - log @text if it is admitted */
void repeats_log(struct repeats *repeats, enum shiny_log_level level, const char *text,
		 int64_t now_ms);

/* repeats_tell() - log how many were left out in times that are over; INT64_MAX: in all of them */
void repeats_tell(struct repeats *repeats, int64_t now_ms);

/* repeats_timeout() - when repeats_tell() is due; INT64_MAX: never */
static inline int64_t repeats_timeout(const struct repeats *repeats)
{
	return repeats->tell_ms != 0 ? repeats->tell_ms : INT64_MAX;
}

#endif
