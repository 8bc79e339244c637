/* SPDX-License-Identifier: MIT */
/*
 * Lines that a worker repeats: the first few of a time are let through, the rest counted.
 */
#ifndef SHINYD_REPEATS_H
#define SHINYD_REPEATS_H

#include "log.h"

#include <stdbool.h>
#include <stdint.h>

#define REPEATS_ROWS	  64
#define REPEATS_ADMITTED  10
#define REPEATS_WINDOW_MS 10000

struct repeats_row {
	uint64_t hash; /* of the line that was last seen here */
	int64_t since_ms;
	unsigned seen;
};

struct repeats {
	struct repeats_row rows[REPEATS_ROWS];
};

/*
 * repeats_admit() - whether @text may be logged now
 *
 * *@ret_left_out is how many like it have not been since it was last admitted.
 */
bool repeats_admit(struct repeats *repeats, const char *text, int64_t now_ms,
		   unsigned *ret_left_out);

/* repeats_log() - log @text if it is admitted, with a word on what section @title had left out */
void repeats_log(struct repeats *repeats, const char *title, enum shiny_log_level level,
		 const char *text, int64_t now_ms);

#endif
