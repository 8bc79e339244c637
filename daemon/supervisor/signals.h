/* SPDX-License-Identifier: MIT */
/*
 * What signals ask of the supervisor.
 *
 * They are blocked except while it waits, so that none slips in between looking and waiting.
 * Called by supervisor.c, and by actions.c for the time before there is one.
 */
#ifndef SHINYD_SIGNALS_H
#define SHINYD_SIGNALS_H

#include <signal.h>

enum signal_request {
	SIGNAL_STOP,   /* SIGTERM, SIGINT */
	SIGNAL_RELOAD, /* SIGHUP */
	SIGNAL_REOPEN, /* SIGUSR1 */
	SIGNAL_REPORT, /* SIGUSR2 */
	SIGNAL_CHILD,  /* SIGCHLD */
	SIGNAL_MAX
};

/*
 * signals_defer() - block all but SIGNAL_STOP until signals_begin()
 *
 * While shinyd reads and checks its configuration a SIGHUP would still kill it.
 */
void signals_defer(void);

/* signals_begin() - count signals from now on; *@ret_waiting is the mask for ppoll(2) */
void signals_begin(sigset_t *ret_waiting);

/*
 * signals_collect() - after ppoll(2): count signals that are still pending
 *
 * If a descriptor is ready ppoll(2) returns without delivering signals: a worker that never stops
 * sending would keep them out.
 */
void signals_collect(const sigset_t *waiting);

/* signals_take() - returns how often that was asked for since the last call */
unsigned signals_take(enum signal_request request);

#endif
