/* SPDX-License-Identifier: MIT */
/*
 * Input of a connection: read from the socket, handed to the handler, and held where it is given
 * back.
 *
 * Input goes to the handler straight from the loop's read buffer; only what comes back through
 * shiny_unread() is copied, into a buffer of the connection's own, and read on there. Called by
 * loop.c.
 */
#ifndef SHINY_INPUT_H
#define SHINY_INPUT_H

#include "conn.h"

/*
 * The socket has bytes or an end to read: one read takes what there is, and what it leaves comes in
 * the next turn, so that a flooding peer does not starve the others.
 */
void shiny_input_readable(struct shiny_conn *conn);

/* The socket has failed with @error, a positive errno. */
void shiny_input_fail(struct shiny_conn *conn, int error);

/* Held input is due again. */
void shiny_input_again(struct shiny_conn *conn);

/* It was woken. */
void shiny_input_woken(struct shiny_conn *conn);

#endif
