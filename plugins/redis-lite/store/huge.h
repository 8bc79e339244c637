/* SPDX-License-Identifier: MIT */
/*
 * Memory in huge pages, made ready on a thread before it is needed. For heaps and tables.
 */
#ifndef REDIS_LITE_STORE_HUGE_H
#define REDIS_LITE_STORE_HUGE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* A huge page of x86-64, and of arm64 with pages of 4 KiB. */
#define HUGE_SIZE  ((size_t)2 * 1024 * 1024)

#define HUGE_QUEUE 16

/* An all-zero maker has no thread yet; huge_prepare() starts it. */
struct huge_maker {
	pthread_t thread;
	sem_t asked;
	bool started, failed;
	atomic_bool stop;
	void *queue[HUGE_QUEUE];
	unsigned put;	   /* by the owner */
	atomic_uint taken; /* by the thread */
};

/* huge_map() - @size zero bytes, aligned to HUGE_SIZE if they fill it; NULL if out of memory */
void *huge_map(size_t size);

/*
 * huge_prepare() - have HUGE_SIZE bytes at @p, from huge_map(), made a huge page, beside the caller
 *
 * Best effort: whoever touches them earlier gets small pages. @maker may be NULL. They may be
 * unmapped at any time.
 */
void huge_prepare(struct huge_maker *maker, void *p);

/* huge_finish() - end the thread */
void huge_finish(struct huge_maker *maker);

#endif
