/* SPDX-License-Identifier: MIT */
/*
 * What is asked of the supervisor by signals.
 *
 * They are blocked but while it waits, so that none slips in between looking and waiting.
 */
#ifndef SHINYD_REQUESTS_H
#define SHINYD_REQUESTS_H

#include <signal.h>

enum request {
	REQUEST_STOP,	/* SIGTERM, SIGINT */
	REQUEST_RELOAD, /* SIGHUP */
	REQUEST_REOPEN, /* SIGUSR1 */
	REQUEST_REPORT, /* SIGUSR2 */
	REQUEST_CHILD,	/* SIGCHLD; that it came is enough to end the wait */
	REQUEST_MAX
};

/*
 * requests_defer() - keep what does not ask for the end until requests_begin()
 *
 * For the time in which shinyd reads and checks what it is to serve: a SIGHUP would still be its
 * death.
 */
void requests_defer(void);

/* requests_begin() - from now on; *@ret_waiting is the mask for ppoll(2) */
void requests_begin(sigset_t *ret_waiting);

/*
 * requests_collect() - after ppoll(2): take in what it left pending
 *
 * Where a descriptor was ready it returns without a look at signals: a worker that never stops
 * talking would keep them out.
 */
void requests_collect(const sigset_t *waiting);

/* requests_take() - how often that was asked for since the last call */
unsigned requests_take(enum request request);

#endif
