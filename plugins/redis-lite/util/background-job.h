/* SPDX-License-Identifier: MIT */
/*
 * One slow call at a time, on a thread of its own, so that the loop does not wait for the disk.
 */
#ifndef REDIS_LITE_UTIL_BACKGROUND_JOB_H
#define REDIS_LITE_UTIL_BACKGROUND_JOB_H

#include <stdbool.h>

struct background_job;

/* background_job_create() - a thread that waits for work; 0 or -errno */
int background_job_create(struct background_job **ret_job);

/*
 * background_job_start() - have the thread call @work with @arg
 *
 * It must not be busy. What @arg points to is the thread's until it no longer is.
 */
void background_job_start(struct background_job *job, int (*work)(void *arg), void *arg);

bool background_job_is_busy(const struct background_job *job);

/* background_job_take_result() - what the work returned, once it is done; 0 ever after */
int background_job_take_result(struct background_job *job);

/* background_job_wait() - until it is done, or nothing was asked; returns what background_job_take_result() does */
int background_job_wait(struct background_job *job);

/* background_job_destroy() - waits for work under way; returns its result, if nobody has taken it */
int background_job_destroy(struct background_job *job);

#endif
