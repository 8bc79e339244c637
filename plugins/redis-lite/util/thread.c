/* SPDX-License-Identifier: MIT */
/*
 * Threads of the plugin. Signals are the host's, and are taken by the thread that serves.
 */
#include "util/thread.h"

#include <signal.h>

int thread_start(pthread_t *ret_thread, void *(*run)(void *arg), void *arg)
{
	sigset_t all, before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(ret_thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}
