/* SPDX-License-Identifier: MIT */
/*
 * One job at a time on a thread of its own, for what may take long, such as fdatasync(2): a slow disk
 * must not stop the loop.
 *
 * The loop starts the job and looks now and then whether it is done. Meanwhile they share nothing but
 * what the job was given.
 */
#include "util/background-job.h"
#include "util/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct background_job {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* busy or over */
	int (*work)(void *arg);
	void *arg;
	int result;
	atomic_bool busy;
	bool over;
};

static void *run_thread(void *arg)
{
	struct background_job *job = arg;

	pthread_mutex_lock(&job->lock);
	for (;;) {
		while (!background_job_is_busy(job) && !job->over) {
			pthread_cond_wait(&job->changed, &job->lock);
		}
		if (!background_job_is_busy(job)) {
			break;
		}
		pthread_mutex_unlock(&job->lock);
		job->result = job->work(job->arg);
		pthread_mutex_lock(&job->lock);
		atomic_store(&job->busy, false);
		pthread_cond_broadcast(&job->changed);
	}
	pthread_mutex_unlock(&job->lock);
	return NULL;
}

static void free_job(struct background_job *job)
{
	pthread_cond_destroy(&job->changed);
	pthread_mutex_destroy(&job->lock);
	free(job);
}

int background_job_create(struct background_job **ret_job)
{
	struct background_job *job = calloc(1, sizeof(*job));
	int r;

	if (!job) {
		return -ENOMEM;
	}
	pthread_mutex_init(&job->lock, NULL);
	pthread_cond_init(&job->changed, NULL);
	r = thread_start(&job->thread, run_thread, job);
	if (r < 0) {
		free_job(job);
		return r;
	}
	*ret_job = job;
	return 0;
}

void background_job_start(struct background_job *job, int (*work)(void *arg), void *arg)
{
	pthread_mutex_lock(&job->lock);
	job->work = work;
	job->arg = arg;
	atomic_store(&job->busy, true);
	pthread_cond_broadcast(&job->changed);
	pthread_mutex_unlock(&job->lock);
}

bool background_job_is_busy(const struct background_job *job)
{
	return atomic_load(&job->busy);
}

int background_job_take_result(struct background_job *job)
{
	int result = job->result;

	job->result = 0;
	return result;
}

int background_job_wait(struct background_job *job)
{
	pthread_mutex_lock(&job->lock);
	while (background_job_is_busy(job)) {
		pthread_cond_wait(&job->changed, &job->lock);
	}
	pthread_mutex_unlock(&job->lock);
	return background_job_take_result(job);
}

int background_job_destroy(struct background_job *job)
{
	int result;

	if (!job) {
		return 0;
	}
	pthread_mutex_lock(&job->lock);
	job->over = true;
	pthread_cond_broadcast(&job->changed);
	pthread_mutex_unlock(&job->lock);
	pthread_join(job->thread, NULL);
	result = job->result;
	free_job(job);
	return result;
}
