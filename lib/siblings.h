/* SPDX-License-Identifier: MIT */
/*
 * Servers that accept from the same sockets: who takes the next connection.
 *
 * The sharing spreads connections evenly: the kernel wakes mostly the same one of the servers that
 * wait, which would end up with nearly all of them.
 *
 * Each server publishes how many connections it has in memory that all share, and whether it takes
 * more. Before it accepts one it compares its number with the mean of those that take more. If it
 * has no more than an eighth above that, it accepts. Otherwise it leaves the connection, writes to
 * the wakeup descriptor of the one that has fewest, and does not watch its listeners for 5 ms. If
 * nobody has accepted by then it accepts itself, so that a server that hangs delays a client by
 * 5 ms at most.
 *
 * A server that writes rubbish into the shared memory can make the others spread connections
 * unevenly, delay each by 5 ms, or refuse them as if the common limit were reached, or pass that
 * limit. It can do no more: numbers above a bound are cut, and none is used as an index or a size.
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
	struct shiny_watch watch; /* of this one's own wakeups */
	shiny_word *loads; /* connections << 1 | takes more; one each; NULL: it has no siblings */
	const int *wakeups;
	unsigned count;
	unsigned index;		   /* this one's */
	unsigned max;		   /* connections of all; 0: no limit */
	bool takes;		   /* connections, as far as it is not full */
	unsigned accepted, before; /* connections since the last tick; from the one before to it */
	unsigned take_anyway;	   /* so many connections, as no sibling did lately */
};

/* 0 or -EINVAL. */
int shiny_siblings_init(struct shiny_siblings *siblings, const struct shiny_options *options);

/* Tells the others that there are @live connections here, and whether there may be more. */
void shiny_siblings_publish_load(struct shiny_siblings *siblings, uint32_t live, bool full);

/* Tells them one more than @live if all may have that many together; whether they may. */
bool shiny_siblings_reserve(struct shiny_siblings *siblings, uint32_t live);

/* The one that should have the next connection rather than this one; -1: none, it is this one's. */
int shiny_siblings_find_taker(const struct shiny_siblings *siblings, uint32_t live, bool full);

/* A tick: tells again what others may have overwritten. */
void shiny_siblings_tick(struct shiny_siblings *siblings, uint32_t live, bool full);

/* Has that one look at its listeners. */
void shiny_siblings_wake(const struct shiny_siblings *siblings, int index);

/* Takes back the wakeups of this one. */
void shiny_siblings_drain_wakeups(const struct shiny_siblings *siblings);

#endif
