/* SPDX-License-Identifier: MIT */
/*
 * The event loop: one turn after another, until it is told to stop.
 *
 * turn() in loop.c has the order in which everything happens. Called by server.c and listeners.c.
 */
#ifndef SHINY_LOOP_H
#define SHINY_LOOP_H

#include "conns.h"
#include "listener.h"
#include "wake.h"

struct shiny_loop {
	struct shiny_conns conns;
	struct shiny_waker waker;
	struct shiny_listener **listeners;
	size_t listeners_count;

	uint64_t start_ns; /* of the run */
	uint64_t now_ms;   /* since then */
	uint64_t ticked_ms;
	uint64_t accept_ms;   /* listeners are paused until then; 0: they are not */
	bool left_to_sibling; /* they are paused because a sibling should accept */
	bool check_sibling;   /* this turn shows whether it has accepted */
	unsigned untaken;     /* connections accepted the last time that it had not; 0: it had */
	bool postponed;	      /* input that was given back has waited for a turn */
	uint64_t drain_ms;    /* when a drain is forced */
	bool stopped;	      /* tick returned false */

	/* any thread */
	atomic_bool stop;
	_Atomic uint64_t drain; /* timeout in ms + 1; 0: none asked for */
};

/*
 * Runs until stopped or drained. Returns 0 or what the backend reports; either way no connection is
 * left.
 */
int shiny_loop_run(struct shiny_loop *loop);

#endif
