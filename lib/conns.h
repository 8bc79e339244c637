/* SPDX-License-Identifier: MIT */
/*
 * All connections of one server, and what they share.
 *
 * Connections are in slabs that never move, so an id (generation and slot) is found in O(1), from
 * any thread. One list has the connections that need work at the end of the turn: output to send,
 * input to pass to handle again, an end to report. Called by all of the library but the parsers.
 */
#ifndef SHINY_CONNS_H
#define SHINY_CONNS_H

#include "backend.h"
#include "buffer.h"
#include "deadline.h"
#include "debug.h"
#include "networks.h"
#include "owner.h"
#include "shiny.h"
#include "siblings.h"
#include "wake.h"
#include "word.h"

#include <stdatomic.h>

#define SHINY_READ_SIZE ((size_t)64 * 1024)

/* Slab k holds SHINY_SLAB_FIRST << k connections; these make 2^27 of them. */
#define SHINY_SLAB_FIRST 64
#define SHINY_SLABS_MAX	 21

struct shiny_conns {
	/* set once */
	struct shiny_server *server;
	struct shiny_handlers handlers; /* none NULL */
	struct shiny_options options;	/* defaults filled in, stats never NULL */
	struct shiny_networks proxies;	/* PROXY headers from there are trusted */
	void *ctx;
	const struct shiny_backend *backend;
	void *poller;
	struct shiny_owner owner;  /* of the poller */
	struct shiny_debug *debug; /* NULL: not in debugging mode */
	char *read_buffer; /* SHINY_READ_SIZE bytes; input that nobody gave back never leaves it */

	/* the slots */
	_Atomic(struct shiny_conn *) slabs[SHINY_SLABS_MAX];
	struct shiny_conn *free; /* by next */
	uint32_t used;		 /* slots below this one have been used */
	uint32_t live;
	struct shiny_siblings siblings; /* to which live is published */

	/* the turn */
	struct shiny_conn *first; /* the list of the turn, by next */
	struct shiny_conn *last;
	struct shiny_buffer_pool pool;
	struct shiny_wheel wheel; /* its now is the turn's time */
	bool draining;
	bool handled; /* a handler has run since the last commit */
	bool traffic; /* since the last tick */

	/* the running call of handle */
	struct shiny_conn *current;
	size_t given;  /* bytes */
	size_t unread; /* of them, by shiny_unread() */
	size_t want;
	bool found_output; /* output was unsent when the call began */
};

int shiny_conns_init(struct shiny_conns *conns, const struct shiny_handlers *handlers,
		     const struct shiny_options *options, void *ctx);
void shiny_conns_finish(struct shiny_conns *conns);

/*
 * This process, a child of the owner, becomes the owner, with a poller of its own. Nothing is
 * watched.
 */
int shiny_conns_claim(struct shiny_conns *conns);

/* A zeroed slot with an id of its own; NULL without memory or beyond the last slab. */
struct shiny_conn *shiny_conns_take(struct shiny_conns *conns);

/* The connection is over: wakes for its id have no effect from here on. */
void shiny_conns_give(struct shiny_conns *conns, struct shiny_conn *conn);

/* Frees a slot that shiny_conns_give() could not, as it was among the woken ones. */
void shiny_conns_recycle(struct shiny_conns *conns, struct shiny_conn *conn);

/* The connection in that slot, if any; NULL if there is no such slot. Any thread. */
struct shiny_conn *shiny_conns_slot(const struct shiny_conns *conns, uint32_t slot);

/* Puts a connection on the list of the turn, once. */
void shiny_conns_list(struct shiny_conns *conns, struct shiny_conn *conn);

/* Takes the whole list, by next. */
struct shiny_conn *shiny_conns_take_list(struct shiny_conns *conns);

/* Whether it has all the connections that it may have. */
static inline bool shiny_conns_full(const struct shiny_conns *conns)
{
	unsigned max = conns->options.max_connections;

	return max && conns->live >= max;
}

/* Publishes the number of connections to the siblings, if there are any. */
static inline void shiny_conns_publish_load(struct shiny_conns *conns)
{
	shiny_siblings_publish_load(&conns->siblings, conns->live, shiny_conns_full(conns));
}

/* Adds to a counter that others may be reading. */
static inline void shiny_count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n((shiny_word *)counter, *counter + n, __ATOMIC_RELAXED);
}

/* Adds to the counter at @offset of the stats, if the caller has room for it. */
static inline void shiny_count_added(const struct shiny_conns *conns, size_t offset)
{
	char *stats = (char *)conns->options.stats;

	if (conns->options.stats_size >= offset + sizeof(uint64_t)) {
		shiny_count((uint64_t *)(void *)(stats + offset), 1);
	}
}

/* Notes which event function runs, for reports of crashes and hangs. */
static inline void shiny_enter(struct shiny_conns *conns, enum shiny_event event)
{
	conns->handled = true;
	__atomic_store_n((shiny_word *)&conns->options.stats->running, event, __ATOMIC_RELAXED);
}

/* The event function has returned; a child process that it forked ends here. */
static inline void shiny_leave(struct shiny_conns *conns)
{
	if (__builtin_expect(shiny_owner_is_other(&conns->owner), 0)) {
		shiny_owner_abort();
	}
	__atomic_store_n((shiny_word *)&conns->options.stats->running, SHINY_EVENT_NONE,
			 __ATOMIC_RELAXED);
}

#endif
