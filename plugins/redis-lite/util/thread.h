/* SPDX-License-Identifier: MIT */
/*
 * Threads of the plugin, which take no signals.
 */
#ifndef REDIS_LITE_UTIL_THREAD_H
#define REDIS_LITE_UTIL_THREAD_H

#include <pthread.h>

/* thread_start() - start a thread that takes no signals, which are for the loop; 0 or -errno */
int thread_start(pthread_t *ret_thread, void *(*run)(void *arg), void *arg);

#endif
