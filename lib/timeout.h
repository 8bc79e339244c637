/* SPDX-License-Identifier: MIT */
/*
 * The timeouts of a connection: idle, stalled, lingering, and the deadline of the program's own.
 *
 * One timer serves all of them. It is set for the earliest, and compares again when it falls due,
 * so traffic moves no timer. Called by conn.c and, for shiny_set_deadline(), by the program.
 */
#ifndef SHINY_TIMEOUT_H
#define SHINY_TIMEOUT_H

#include "conn.h"

/* How many ticks of the wheel cover so many milliseconds that begin anywhere in a tick. */
uint32_t shiny_timeout_ticks(unsigned timeout_ms);

/* A timeout has begun: has the timer fall due no later than that. */
void shiny_timeout_set(struct shiny_conn *conn);

/* Whether a timeout is over. If none is, sets the timer again. */
bool shiny_timeout_is_over(struct shiny_conn *conn);

/* The notice for the timeout that was over, of a connection that does not linger. */
enum shiny_notice shiny_timeout_reason(const struct shiny_conn *conn);

#endif
