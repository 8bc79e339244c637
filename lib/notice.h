/* SPDX-License-Identifier: MIT */
/*
 * Notices: what the library does of its own accord, reported to a program that asked for it.
 *
 * A program has no event of its own for a limit that ends a connection, or an accept that fails.
 * Ordinary traffic does not come here. Called by conn.c, input.c, output.c and listener.c.
 */
#ifndef SHINY_NOTICE_H
#define SHINY_NOTICE_H

#include "conns.h"

/* Counts and reports a notice about @conn, which is still connected. @error is a positive errno. */
void shiny_notice_conn(const struct shiny_conn *conn, enum shiny_notice notice, int error);

/* The same about a socket that is no connection yet; @fd is -1 if there is none. */
void shiny_notice_socket(const struct shiny_conns *conns, enum shiny_notice notice, int error,
			 int fd);

#endif
