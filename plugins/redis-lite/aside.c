/* SPDX-License-Identifier: MIT */
/*
 * A thread for what may take long, such as fdatasync(2), so that a slow disk never stops the loop.
 *
 * It does one thing at a time. The loop starts it and looks, now and then, whether it is done;
 * meanwhile they share nothing.
 */
#include "aside.h"
#include "thread.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

struct aside {
	pthread_t thread;
	sem_t asked;
	int (*work)(void *arg);
	void *arg;
	int result;
	atomic_bool busy;
};

static void *run(void *arg)
{
	struct aside *aside = arg;

	for (;;) {
		while (sem_wait(&aside->asked) < 0) {
		}
		if (!aside_is_busy(aside)) {
			return NULL; /* called for nothing: the end */
		}
		aside->result = aside->work(aside->arg);
		atomic_store(&aside->busy, false);
	}
}

int aside_create(struct aside **ret_aside)
{
	struct aside *aside = calloc(1, sizeof(*aside));
	int r;

	if (!aside) {
		return -ENOMEM;
	}
	sem_init(&aside->asked, 0, 0);
	r = thread_start(&aside->thread, run, aside);
	if (r < 0) {
		sem_destroy(&aside->asked);
		free(aside);
		return r;
	}
	*ret_aside = aside;
	return 0;
}

void aside_start(struct aside *aside, int (*work)(void *arg), void *arg)
{
	aside->work = work;
	aside->arg = arg;
	atomic_store(&aside->busy, true);
	sem_post(&aside->asked);
}

bool aside_is_busy(const struct aside *aside)
{
	return atomic_load(&aside->busy);
}

int aside_take_result(struct aside *aside)
{
	int result = aside->result;

	aside->result = 0;
	return result;
}

int aside_destroy(struct aside *aside)
{
	int result;

	if (!aside) {
		return 0;
	}
	sem_post(&aside->asked);
	pthread_join(aside->thread, NULL);
	sem_destroy(&aside->asked);
	result = aside->result;
	free(aside);
	return result;
}
