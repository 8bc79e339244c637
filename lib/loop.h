/* SPDX-License-Identifier: MIT */
/*
 * The event loop: turns until told to stop.
 *
 * Called by server.c.
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
	uint64_t accept_ms;   /* while above now_ms, listeners rest */
	bool left_to_sibling; /* they do so for the sake of a sibling */
	bool check_sibling;   /* this turn shows whether that one took what was left to it */
	unsigned untaken;     /* connections taken the last time that it did not; 0: it did */
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
