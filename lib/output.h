/* SPDX-License-Identifier: MIT */
/*
 * Output of a connection: what handlers write, queued and sent.
 *
 * It leaves at the end of the dispatch that wrote it, or, with a commit function, at the end of the
 * turn; what the socket does not take waits, in order. Called by input.c, conn.c and loop.c.
 */
#ifndef SHINY_OUTPUT_H
#define SHINY_OUTPUT_H

#include "conn.h"

/* Sends what there is, and ends the connection if that fails. Nothing happens without output. */
void shiny_output_flush(struct shiny_conn *conn);

/* Leaves the output for later, but has reading rest if there is too much of it. */
void shiny_output_apply_water_marks(struct shiny_conn *conn);

/* As shiny_congested(). */
bool shiny_output_is_congested(const struct shiny_conn *conn);

/* The socket takes output again. */
void shiny_output_writable(struct shiny_conn *conn);

/* The turn's commit failed: drops what depended on it, and the connection with it. */
void shiny_output_drop_uncommitted(struct shiny_conn *conn);

#endif
