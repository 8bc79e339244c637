/* SPDX-License-Identifier: MIT */
/*
 * appendfsync everysec: fdatasync on a thread of its own, so that a slow disk never stops the loop.
 *
 * The thread shares nothing with the loop but this object's atomics. A failed sync is final: the
 * kernel may have dropped the pages that it could not write, and a second try would report success.
 */
#include "aof-sync.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct aof_sync {
	int fd;
	pthread_t thread;
	sem_t asked;
	atomic_bool busy;
	atomic_bool stop;
	atomic_int error;
};

static void *run(void *arg)
{
	struct aof_sync *sync = arg;

	for (;;) {
		while (sem_wait(&sync->asked) < 0) {
		}
		if (atomic_load(&sync->stop)) {
			return NULL;
		}
		if (fdatasync(sync->fd) < 0) {
			atomic_store(&sync->error, errno);
		}
		atomic_store(&sync->busy, false);
	}
}

/* The thread takes no signals: they are for the loop. */
static int start(struct aof_sync *sync)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&sync->thread, NULL, run, sync);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int aof_sync_create(int fd, struct aof_sync **ret_sync)
{
	struct aof_sync *sync = calloc(1, sizeof(*sync));
	int r;

	if (!sync) {
		return -ENOMEM;
	}
	sync->fd = fd;
	sem_init(&sync->asked, 0, 0);
	r = start(sync);
	if (r < 0) {
		sem_destroy(&sync->asked);
		free(sync);
		return r;
	}
	*ret_sync = sync;
	return 0;
}

int aof_sync_request(struct aof_sync *sync)
{
	if (atomic_exchange(&sync->busy, true)) {
		return -EBUSY;
	}
	sem_post(&sync->asked);
	return 0;
}

int aof_sync_error(const struct aof_sync *sync)
{
	return atomic_load(&sync->error);
}

void aof_sync_destroy(struct aof_sync *sync)
{
	if (!sync) {
		return;
	}
	atomic_store(&sync->stop, true);
	sem_post(&sync->asked);
	pthread_join(sync->thread, NULL);
	sem_destroy(&sync->asked);
	free(sync);
}
