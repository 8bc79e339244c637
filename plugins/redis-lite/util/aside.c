/* SPDX-License-Identifier: MIT */
/*
 * A thread for what may take long, such as fdatasync(2), so that a slow disk never stops the loop.
 *
 * It does one thing at a time. The loop starts it and looks, now and then, whether it is done;
 * meanwhile they share nothing.
 */
#include "util/aside.h"
#include "util/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct aside {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* busy or over */
	int (*work)(void *arg);
	void *arg;
	int result;
	atomic_bool busy;
	bool over;
};

static void *run(void *arg)
{
	struct aside *aside = arg;

	pthread_mutex_lock(&aside->lock);
	for (;;) {
		while (!aside_is_busy(aside) && !aside->over) {
			pthread_cond_wait(&aside->changed, &aside->lock);
		}
		if (!aside_is_busy(aside)) {
			break;
		}
		pthread_mutex_unlock(&aside->lock);
		aside->result = aside->work(aside->arg);
		pthread_mutex_lock(&aside->lock);
		atomic_store(&aside->busy, false);
		pthread_cond_broadcast(&aside->changed);
	}
	pthread_mutex_unlock(&aside->lock);
	return NULL;
}

static void release(struct aside *aside)
{
	pthread_cond_destroy(&aside->changed);
	pthread_mutex_destroy(&aside->lock);
	free(aside);
}

int aside_create(struct aside **ret_aside)
{
	struct aside *aside = calloc(1, sizeof(*aside));
	int r;

	if (!aside) {
		return -ENOMEM;
	}
	pthread_mutex_init(&aside->lock, NULL);
	pthread_cond_init(&aside->changed, NULL);
	r = thread_start(&aside->thread, run, aside);
	if (r < 0) {
		release(aside);
		return r;
	}
	*ret_aside = aside;
	return 0;
}

void aside_start(struct aside *aside, int (*work)(void *arg), void *arg)
{
	pthread_mutex_lock(&aside->lock);
	aside->work = work;
	aside->arg = arg;
	atomic_store(&aside->busy, true);
	pthread_cond_broadcast(&aside->changed);
	pthread_mutex_unlock(&aside->lock);
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

int aside_wait(struct aside *aside)
{
	pthread_mutex_lock(&aside->lock);
	while (aside_is_busy(aside)) {
		pthread_cond_wait(&aside->changed, &aside->lock);
	}
	pthread_mutex_unlock(&aside->lock);
	return aside_take_result(aside);
}

int aside_destroy(struct aside *aside)
{
	int result;

	if (!aside) {
		return 0;
	}
	pthread_mutex_lock(&aside->lock);
	aside->over = true;
	pthread_cond_broadcast(&aside->changed);
	pthread_mutex_unlock(&aside->lock);
	pthread_join(aside->thread, NULL);
	result = aside->result;
	release(aside);
	return result;
}
