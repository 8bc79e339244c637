/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_UTIL_ASIDE_H
#define REDIS_LITE_UTIL_ASIDE_H

#include <stdbool.h>

struct aside;

/* aside_create() - a thread that waits for work; 0 or -errno */
int aside_create(struct aside **ret_aside);

/*
 * aside_start() - have the thread call @work with @arg
 *
 * It must not be busy. What @arg points to is the thread's until it no longer is.
 */
void aside_start(struct aside *aside, int (*work)(void *arg), void *arg);

bool aside_is_busy(const struct aside *aside);

/* aside_take_result() - what the work returned, once it is done; 0 ever after */
int aside_take_result(struct aside *aside);

/* aside_wait() - until it is done, or nothing was asked; returns what aside_take_result() does */
int aside_wait(struct aside *aside);

/* aside_destroy() - waits for work under way; returns its result, if nobody has taken it */
int aside_destroy(struct aside *aside);

#endif
