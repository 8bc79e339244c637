/* SPDX-License-Identifier: MIT */
/*
 * Deadlines: one lazy wheel at tick granularity.
 *
 * A deadline is set seldom and looked at when it falls due: whoever has moved it later in the
 * meantime (by traffic, say) just sets it again then, so that an event costs no work here. Time
 * comes in as ticks.
 */
#ifndef SHINY_DEADLINE_H
#define SHINY_DEADLINE_H

#include <stdint.h>

#define SHINY_WHEEL_TICK_MS 50
#define SHINY_WHEEL_SIZE    512

struct shiny_deadline {
	struct shiny_deadline *next;
	struct shiny_deadline **prev; /* what points here; NULL while not set */
	uint32_t due;		      /* ticks */
	/*
	 * The tick at which the connection of this timer was accepted. The wheel does not use it: it
	 * stands here in four bytes that would be padding, where in struct shiny_conn it would make
	 * each connection eight bytes larger. conn.c sets and reads it.
	 */
	uint32_t opened;
};

struct shiny_wheel {
	uint32_t now; /* ticks; all earlier deadlines have been handed out */
	uint32_t count;
	struct shiny_deadline *due;
	struct shiny_deadline *slots[SHINY_WHEEL_SIZE];
};

/*
 * Asks for @deadline to fall due at @due or before; one that does already is left alone. One
 * further off than the wheel reaches falls due early.
 */
void shiny_deadline_set(struct shiny_wheel *wheel, struct shiny_deadline *deadline, uint32_t due);
void shiny_deadline_clear(struct shiny_wheel *wheel, struct shiny_deadline *deadline);

/*
 * Moves time to @now; then shiny_wheel_take() hands out what is due, one by one, cleared, and NULL
 * at the end.
 */
void shiny_wheel_advance(struct shiny_wheel *wheel, uint32_t now);
struct shiny_deadline *shiny_wheel_take(struct shiny_wheel *wheel);

/* How many ticks from now the next deadline falls due, @most at the most. */
uint32_t shiny_wheel_next(const struct shiny_wheel *wheel, uint32_t most);

#endif
