/* SPDX-License-Identifier: MIT */
/*
 * The times of a connection: idle, stalled, lingering, and the handler's own deadline.
 *
 * One timer serves them all. It is set for whichever comes first and looks again when it falls due, so that traffic
 * moves no timer. Called by conn.c, output.c and loop.c.
 */
#ifndef SHINY_TIMEOUT_H
#define SHINY_TIMEOUT_H

#include "conn.h"

/* How many ticks of the wheel cover so many milliseconds, whenever in a tick they begin. */
uint32_t shiny_timeout_ticks(unsigned timeout_ms);

/* After a time began to count: has the timer fall due no later than that. */
void shiny_timeout_set(struct shiny_conn *conn);

/* Whether a time is over now; else the timer has been set again. */
bool shiny_timeout_is_over(struct shiny_conn *conn);

/* Which time of a connection that does not linger was over: what the program is told. */
enum shiny_notice shiny_timeout_reason(const struct shiny_conn *conn);

#endif
