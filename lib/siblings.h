/* SPDX-License-Identifier: MIT */
/*
 * Servers that accept from the same sockets: who takes the next connection.
 *
 * The kernel wakes whichever of them waits, mostly the same one, which would end up with nearly all
 * connections. So each tells the others how many it has, in memory that they share. One that is
 * woken for a connection and has more than its share leaves it, wakes the one that has fewest by a
 * descriptor of that one's own, and lets its listeners rest for a moment. What nobody has taken by
 * then it takes itself: a sibling that hangs holds up nobody for long.
 *
 * What stands in the shared memory is believed only so far that any number there costs nothing but
 * an even spread, or clients of these siblings.
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
