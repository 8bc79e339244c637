/* SPDX-License-Identifier: MIT */
/*
 * What signals ask of the supervisor: one row a signal, counted by the handler.
 *
 * A signal handler finds its context nowhere else: hence the one static array here.
 */
#include "supervisor/signals.h"

#include <stddef.h>

static const struct {
	int signal;
	enum signal_request request;
} rows[] = {
	{ SIGTERM, SIGNAL_STOP },   { SIGINT, SIGNAL_STOP },	{ SIGHUP, SIGNAL_RELOAD },
	{ SIGUSR1, SIGNAL_REOPEN }, { SIGUSR2, SIGNAL_REPORT }, { SIGCHLD, SIGNAL_CHILD },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* A signal handler finds its context nowhere else. */
static volatile sig_atomic_t asked[SIGNAL_MAX];

static void on_signal(int signal_number)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].signal == signal_number) {
			asked[rows[i].request]++;
		}
	}
}

void signals_defer(void)
{
	sigset_t deferred;

	sigemptyset(&deferred);
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].request != SIGNAL_STOP) {
			sigaddset(&deferred, rows[i].signal);
		}
	}
	sigprocmask(SIG_BLOCK, &deferred, NULL);
}

void signals_begin(sigset_t *ret_waiting)
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t ours;

	sigemptyset(&ours);
	for (size_t i = 0; i < ROWS; i++) {
		sigaddset(&ours, rows[i].signal);
		sigaction(rows[i].signal, &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &ours, ret_waiting);
	for (size_t i = 0; i < ROWS; i++) {
		sigdelset(ret_waiting, rows[i].signal);
	}
}

void signals_collect(const sigset_t *waiting)
{
	sigset_t working;

	sigprocmask(SIG_SETMASK, waiting, &working);
	sigprocmask(SIG_SETMASK, &working, NULL);
}

unsigned signals_take(enum signal_request request)
{
	unsigned n = (unsigned)asked[request];

	asked[request] = 0;
	return n;
}
