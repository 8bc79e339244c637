/* SPDX-License-Identifier: MIT */
/*
 * Waking the loop, and single connections in it, from another thread or a signal handler.
 *
 * A wake sets a bit in the node's word and, if it was not set, links the node into a lock-free
 * stack: it allocates nothing and cannot fail. The word also holds the node's
 * generation, so that a wake meant for an earlier owner does not reach the next one. A pipe wakes
 * the loop itself; it is written to only while the loop waits or is about to.
 */
#ifndef SHINY_WAKE_H
#define SHINY_WAKE_H

#include "backend.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct shiny_wake_node {
	_Atomic uint64_t word; /* generation << 1 | woken */
	struct shiny_wake_node *next;
};

/* The generation of its owner. */
static inline uint32_t shiny_wake_node_generation(const struct shiny_wake_node *node)
{
	return (uint32_t)(atomic_load_explicit(&node->word, memory_order_relaxed) >> 1);
}

/* Whether a wake is still to be delivered. */
static inline bool shiny_wake_node_is_woken(const struct shiny_wake_node *node)
{
	return atomic_load_explicit(&node->word, memory_order_relaxed) & 1;
}

struct shiny_waker {
	struct shiny_watch watch; /* the pipe's reading end */
	int wakeup_fd;
	atomic_bool waiting;
	_Atomic(struct shiny_wake_node *) woken;
};

int shiny_waker_init(struct shiny_waker *waker);
void shiny_waker_finish(struct shiny_waker *waker);

/* Makes a new pipe, in a child process that is to run the loop. */
int shiny_waker_renew(struct shiny_waker *waker);

/* Any thread, signal handlers too. */
void shiny_waker_wake_node(struct shiny_waker *waker, struct shiny_wake_node *node,
			   uint32_t generation);
void shiny_waker_wake_loop(struct shiny_waker *waker);

/*
 * The serving thread, around a wait. True: something is woken already, and the loop must not wait.
 */
bool shiny_waker_begin_wait(struct shiny_waker *waker);
void shiny_waker_end_wait(struct shiny_waker *waker);

/* Reads what was written to the wakeup pipe. */
void shiny_waker_clear(struct shiny_waker *waker);

/* Takes all that were woken, in the order of their wakes, linked by next. */
struct shiny_wake_node *shiny_waker_take_woken(struct shiny_waker *waker);

/* Lets a taken node be woken again. Its next must have been read before. */
void shiny_wake_node_clear(struct shiny_wake_node *node);

/* Gives a node its next owner. True: it is linked, and stays so until shiny_waker_take_woken(). */
bool shiny_wake_node_set_generation(struct shiny_wake_node *node, uint32_t generation);

#endif
