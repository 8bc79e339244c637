/* SPDX-License-Identifier: MIT */
/*
 * The listeners of a loop: watched, or paused for a while.
 */
#include "listeners.h"

#include <errno.h>

#define ACCEPT_BACK_OFF_MS 100
#define SIBLING_WAIT_MS	   5  /* for a sibling that was woken to take a connection */
#define TAKE_ANYWAY_MAX	   64 /* connections accepted in a row after no sibling took one */
#define LISTENER_EVENTS	   (SHINY_READ | SHINY_SHARED)

int shiny_listeners_watch(struct shiny_loop *loop, unsigned events)
{
	struct shiny_conns *conns = &loop->conns;

	for (size_t i = 0; i < loop->listeners_count; i++) {
		struct shiny_listener *listener = loop->listeners[i];
		int error = conns->backend->watch(conns->poller, &listener->watch,
						  listener->shut_down ? 0 : events);
		if (error < 0) {
			return error;
		}
	}
	return 0;
}

/* A server without resources also tells its siblings that it takes no connections. */
static void pause_listeners(struct shiny_loop *loop, bool left_to_sibling)
{
	bool wait = left_to_sibling && !shiny_conns_full(&loop->conns);

	shiny_listeners_watch(loop, 0);
	loop->conns.siblings.take_anyway = 0;
	loop->accept_ms = loop->now_ms + (wait ? SIBLING_WAIT_MS : ACCEPT_BACK_OFF_MS);
	loop->left_to_sibling = left_to_sibling;
	loop->conns.siblings.takes = left_to_sibling;
	shiny_conns_publish_load(&loop->conns);
}

int shiny_listeners_resume(struct shiny_loop *loop)
{
	loop->accept_ms = 0;
	loop->left_to_sibling = false;
	if (loop->conns.draining) {
		return 0;
	}
	loop->conns.siblings.takes = true;
	shiny_conns_publish_load(&loop->conns);
	return shiny_listeners_watch(loop, LISTENER_EVENTS);
}

/* No sibling took the connection that was left: accept more at a time, the longer that goes on. */
static void raise_take_anyway(struct shiny_loop *loop)
{
	loop->untaken += loop->untaken < TAKE_ANYWAY_MAX;
	loop->conns.siblings.take_anyway = loop->untaken;
}

/* A listener that was shut down would be reported as ready for ever. */
static void unwatch_shut_listener(struct shiny_loop *loop, struct shiny_listener *listener)
{
	struct shiny_conns *conns = &loop->conns;

	listener->shut_down = true;
	conns->backend->watch(conns->poller, &listener->watch, 0);
}

void shiny_listeners_accept(struct shiny_loop *loop, struct shiny_listener *listener)
{
	int result;

	if (loop->check_sibling) {
		loop->check_sibling = false;
		raise_take_anyway(loop);
	}
	result = shiny_listener_accept(listener, &loop->conns);
	if (result == -EINVAL) {
		unwatch_shut_listener(loop, listener);
	} else if (result != 0) {
		pause_listeners(loop, result == SHINY_LISTENER_LEFT);
	}
}

void shiny_listeners_accept_for_sibling(struct shiny_loop *loop)
{
	shiny_siblings_drain_wakeups(&loop->conns.siblings);
	if (loop->left_to_sibling) {
		shiny_listeners_resume(loop); /* the next turn accepts what waits */
		return;
	}
	for (size_t i = 0; i < loop->listeners_count; i++) {
		if (loop->listeners[i]->watch.events) {
			shiny_listeners_accept(loop, loop->listeners[i]);
		}
	}
}

int shiny_listeners_check_pause(struct shiny_loop *loop)
{
	const struct shiny_conns *conns = &loop->conns;
	bool full = shiny_conns_full(conns);

	if (loop->accept_ms && loop->now_ms >= loop->accept_ms) {
		loop->check_sibling = loop->left_to_sibling && !full;
		return shiny_listeners_resume(loop);
	}
	if (loop->left_to_sibling &&
	    shiny_siblings_find_taker(&conns->siblings, conns->live, full) < 0) {
		return shiny_listeners_resume(loop);
	}
	return 0;
}
