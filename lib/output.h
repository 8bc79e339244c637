/* SPDX-License-Identifier: MIT */
/*
 * Output of a connection: what handlers write, queued and sent.
 *
 * It is sent at the end of the dispatch that wrote it, or, with a commit function, at the end of
 * the turn. What the socket does not take waits, in order. Called by input.c, conn.c and loop.c.
 */
#ifndef SHINY_OUTPUT_H
#define SHINY_OUTPUT_H

#include "conn.h"

/* Sends what is queued, and ends the connection if that fails. */
void shiny_output_flush(struct shiny_conn *conn);

/* Stops reading above high_water and resumes it below low_water; ends reservations. */
void shiny_output_apply_water_marks(struct shiny_conn *conn);

/* As shiny_congested(). */
bool shiny_output_is_congested(const struct shiny_conn *conn);

/* The socket takes output again. */
void shiny_output_writable(struct shiny_conn *conn);

/* The commit of the turn failed: resets the connection if it has output of this turn. */
void shiny_output_drop_uncommitted(struct shiny_conn *conn);

#endif
