/* SPDX-License-Identifier: MIT */
/*
 * Input of a connection: read from the socket, passed to handle, and held when it is given back.
 *
 * The handler gets its input in the loop's read buffer. Only what shiny_unread() gives back is
 * copied, into a buffer of the connection's own, and later input is read behind it. Called by
 * loop.c.
 */
#ifndef SHINY_INPUT_H
#define SHINY_INPUT_H

#include "conn.h"

/*
 * The socket is readable. There is one read; what it leaves is for the next turn, so that a
 * flooding peer does not starve the others.
 */
void shiny_input_readable(struct shiny_conn *conn);

/* The socket has failed with @error, a positive errno. */
void shiny_input_fail(struct shiny_conn *conn, int error);

/* Held input is due again. */
void shiny_input_again(struct shiny_conn *conn);

/* The connection was woken. */
void shiny_input_woken(struct shiny_conn *conn);

#endif
