/* SPDX-License-Identifier: MIT */
/*
 * Waking the loop, and single connections in it, from another thread or a signal handler.
 *
 * A wake sets a bit in the sleeper's word and, if it was not set, links the sleeper into a
 * lock-free stack: it allocates nothing and cannot fail. The word also holds the sleeper's
 * generation, so that a wake meant for an owner who has gone is no wake for the next. The doorbell
 * is a pipe, rung only when the loop is asleep or about to be.
 */
#ifndef SHINY_WAKE_H
#define SHINY_WAKE_H

#include "backend.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct shiny_sleeper {
	_Atomic uint64_t word; /* generation << 1 | woken */
	struct shiny_sleeper *next;
};

/* Whose it is now. */
static inline uint32_t shiny_sleeper_generation(const struct shiny_sleeper *sleeper)
{
	return (uint32_t)(atomic_load_explicit(&sleeper->word, memory_order_relaxed) >> 1);
}

/* Whether a wake of it is still to be delivered. */
static inline bool shiny_sleeper_is_woken(const struct shiny_sleeper *sleeper)
{
	return atomic_load_explicit(&sleeper->word, memory_order_relaxed) & 1;
}

struct shiny_waker {
	struct shiny_watch watch; /* the pipe's reading end */
	int ring_fd;
	atomic_bool asleep;
	_Atomic(struct shiny_sleeper *) woken;
};

int shiny_waker_init(struct shiny_waker *waker);
void shiny_waker_finish(struct shiny_waker *waker);

/* In a child, while no loop runs: gives the waker a pipe of its own. */
int shiny_waker_renew(struct shiny_waker *waker);

/* Any thread, signal handlers too. */
void shiny_waker_wake(struct shiny_waker *waker, struct shiny_sleeper *sleeper,
		      uint32_t generation);
void shiny_waker_ring(struct shiny_waker *waker);

/* The serving thread. A loop that is to sleep says so first; true: something was woken, do not. */
bool shiny_waker_sleep(struct shiny_waker *waker);
void shiny_waker_rise(struct shiny_waker *waker);

/* Takes the doorbell's ringing back. */
void shiny_waker_hush(struct shiny_waker *waker);

/* Takes all that were woken, in the order of their wakes, linked by next. */
struct shiny_sleeper *shiny_waker_take(struct shiny_waker *waker);

/* After its next was read: makes a taken sleeper one that can be woken again. */
void shiny_sleeper_clear(struct shiny_sleeper *sleeper);

/* Gives a sleeper its next owner; true if it is linked and must wait for shiny_waker_take(). */
bool shiny_sleeper_rename(struct shiny_sleeper *sleeper, uint32_t generation);

#endif
