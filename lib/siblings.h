/* SPDX-License-Identifier: MIT */
/*
 * Servers that accept from the same sockets: who takes the next connection.
 *
 * Without this, the kernel would mostly wake the same one of the servers that wait, and that one
 * would get nearly all connections.
 *
 * Each server publishes in shared memory how many connections it has, and whether it takes more.
 * Before it accepts one it compares its number with the mean of those that take more. If it has no
 * more than an eighth above the mean, it accepts. Otherwise it leaves the connection, writes to the
 * wakeup descriptor of the server that has fewest, and does not watch its listeners for 5 ms. If no
 * server has accepted by then, it accepts itself, so a server that hangs delays a client by 5 ms at
 * most.
 *
 * A server that writes wrong numbers into the shared memory can make the others spread connections
 * unevenly, delay each by 5 ms, refuse them as if the common limit were reached, or exceed that
 * limit. It can do no more: larger numbers are cut to a bound, and none is an index or a size.
 *
 * Called by loop.c, listener.c and conns.c.
 */
#ifndef SHINY_SIBLINGS_H
#define SHINY_SIBLINGS_H

#include "backend.h"
#include "shiny.h"
#include "word.h"

#include <stdbool.h>

struct shiny_siblings {
	struct shiny_watch watch; /* of this server's wakeup descriptor */
	shiny_word *loads;	  /* connections << 1 | takes more, of each; NULL: no siblings */
	const int *wakeups;
	unsigned count;
	unsigned index;		   /* this server's */
	unsigned max;		   /* connections in total; 0: no limit */
	bool takes;		   /* connections, unless it is full */
	unsigned accepted, before; /* connections since the last tick; from the one before to it */
	unsigned take_anyway;	   /* so many connections, as no sibling has lately */
};

/* 0 or -EINVAL. */
int shiny_siblings_init(struct shiny_siblings *siblings, const struct shiny_options *options);

/* Publishes that there are @live connections here, and whether there may be more. */
void shiny_siblings_publish_load(struct shiny_siblings *siblings, uint32_t live, bool full);

/* Publishes one more than @live, unless that exceeds the common limit; false: it would. */
bool shiny_siblings_reserve(struct shiny_siblings *siblings, uint32_t live);

/* The server that should accept the next connection instead of this one; -1: there is none. */
int shiny_siblings_find_taker(const struct shiny_siblings *siblings, uint32_t live, bool full);

/* Called at each tick: publishes again what others may have overwritten. */
void shiny_siblings_tick(struct shiny_siblings *siblings, uint32_t live, bool full);

/* Wakes that server, so that it accepts. */
void shiny_siblings_wake(const struct shiny_siblings *siblings, int index);

/* Reads what others wrote to this server's wakeup descriptor. */
void shiny_siblings_drain_wakeups(const struct shiny_siblings *siblings);

#endif
