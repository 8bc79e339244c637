/* SPDX-License-Identifier: MIT */
/*
 * Whether the loop of a worker still turns, found out by a count of its steps: its turns, and what
 * a plugin that works for long says of its progress.
 *
 * A loop turns at least once a second, even if there is nothing to do. Called by child.c.
 */
#ifndef SHINYD_WATCHDOG_H
#define SHINYD_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The longest time between two looks, and what a loop may stand still before it seems to. */
#define WATCHDOG_CHECK_MS 1000
#define WATCHDOG_HUNG_MS  3000

struct watchdog {
	uint64_t steps;	   /* at the last look */
	int64_t turned_ms; /* when a look last found it changed */
	int64_t check_ms;  /* when the next look is due */
	bool has_turned;   /* it has changed since the start */
};

/* watchdog_start() - the loop has come @steps far, and will turn from now on */
void watchdog_start(struct watchdog *watchdog, uint64_t steps, int64_t now_ms);

/*
 * watchdog_check() - whether the loop has stood still for @limit_ms (0: never)
 *
 * To be called by check_ms; earlier does no harm. Before the first step looks begin close together,
 * for those who wait for it.
 */
bool watchdog_check(struct watchdog *watchdog, uint64_t steps, int64_t limit_ms, int64_t now_ms);

/* watchdog_reset() - count from now on again */
void watchdog_reset(struct watchdog *watchdog, int64_t now_ms);

/* watchdog_is_responsive() - whether it seems to turn, as far as looks can tell */
bool watchdog_is_responsive(const struct watchdog *watchdog, int64_t now_ms);

/* watchdog_traced() - whether a debugger holds that process */
bool watchdog_traced(pid_t pid);

#endif
