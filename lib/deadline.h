/* SPDX-License-Identifier: MIT */
/*
 * Deadlines: one lazy wheel at tick granularity.
 *
 * A deadline is checked when it falls due. If traffic has moved it later meanwhile, it is set again
 * then, so an event costs no work here. Time is an argument, in ticks. Called by timeout.c, conn.c
 * and loop.c.
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
	 * The tick at which the connection of this timer was accepted. The wheel does not use it:
	 * it stands here in four bytes that would be padding, where in struct shiny_conn it would
	 * make each connection eight bytes larger. conn.c sets and reads it.
	 */
	uint32_t opened;
};

struct shiny_wheel {
	uint32_t now; /* ticks; all earlier deadlines have been returned */
	uint32_t count;
	struct shiny_deadline *due;
	struct shiny_deadline *slots[SHINY_WHEEL_SIZE];
};

/*
 * Has @deadline fall due at @due at the latest; nothing changes if it does so already. A deadline
 * beyond the wheel's range falls due early.
 */
void shiny_deadline_set(struct shiny_wheel *wheel, struct shiny_deadline *deadline, uint32_t due);
void shiny_deadline_clear(struct shiny_wheel *wheel, struct shiny_deadline *deadline);

/*
 * Moves time to @now. Then each shiny_wheel_take() returns one deadline that is due, and clears it;
 * NULL: there is no other.
 */
void shiny_wheel_advance(struct shiny_wheel *wheel, uint32_t now);
struct shiny_deadline *shiny_wheel_take(struct shiny_wheel *wheel);

/* How many ticks from now the next deadline falls due, @most at the most. */
uint32_t shiny_wheel_next(const struct shiny_wheel *wheel, uint32_t most);

#endif
