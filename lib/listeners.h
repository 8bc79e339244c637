/* SPDX-License-Identifier: MIT */
/*
 * The listeners of a loop: watched, or paused for a while.
 *
 * A server does not watch its listeners while it drains, for 100 ms after the system had nothing
 * left to accept with, and for 5 ms after it has left a connection to a sibling. A listener that
 * was shut down is not watched again in this run. Called by loop.c.
 */
#ifndef SHINY_LISTENERS_H
#define SHINY_LISTENERS_H

#include "loop.h"

/* Watches the listeners that still accept for @events, or none of them for 0. 0 or -errno. */
int shiny_listeners_watch(struct shiny_loop *loop, unsigned events);

/* Watches them again, unless the server drains. Returns 0 or -errno. */
int shiny_listeners_resume(struct shiny_loop *loop);

/* @listener is ready: accepts from it, and pauses all of them if that must be. */
void shiny_listeners_accept(struct shiny_loop *loop, struct shiny_listener *listener);

/* A sibling has left a connection to this server. */
void shiny_listeners_accept_for_sibling(struct shiny_loop *loop);

/* While they are paused: resumes them once their time is over, or if they are paused for a sibling
 * and this server has no more than its share now. Returns 0 or -errno. */
int shiny_listeners_check_pause(struct shiny_loop *loop);

static inline int shiny_listeners_resume_if_due(struct shiny_loop *loop)
{
	return loop->accept_ms || loop->left_to_sibling ? shiny_listeners_check_pause(loop) : 0;
}

#endif
