/* SPDX-License-Identifier: MIT */
/*
 * What the library does by itself, told to the program that asked for it.
 *
 * A limit that ends a connection, or an accept that fails, is no event of the program's: it would
 * pass in silence. All of this is off the path of ordinary traffic. Called by conn.c, input.c,
 * output.c and listener.c.
 */
#ifndef SHINY_NOTICE_H
#define SHINY_NOTICE_H

#include "conns.h"

/* Counts, and tells of @conn, which is still connected. @error is a positive errno. */
void shiny_notice_conn(const struct shiny_conn *conn, enum shiny_notice notice, int error);

/* The same of a socket that is no connection yet; -1 if there is none. */
void shiny_notice_socket(const struct shiny_conns *conns, enum shiny_notice notice, int error,
			 int fd);

#endif
