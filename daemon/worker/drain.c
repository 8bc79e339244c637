/* SPDX-License-Identifier: MIT */
/*
 * Signals that drain the server of this process.
 *
 * A signal handler finds its context nowhere else: hence the one static structure here.
 */
#include "worker/drain.h"

#include <signal.h>

/* A signal handler finds its context nowhere else. */
static struct {
	struct shiny_server *server;
	const unsigned *timeout_ms;
	volatile sig_atomic_t requests;
} drain;

static void on_signal(int signal_number)
{
	(void)signal_number;
	if (drain.requests++ == 0) {
		shiny_server_drain(drain.server, *drain.timeout_ms);
	} else {
		shiny_server_stop(drain.server);
	}
}

void drain_on_signals(const int *signals, struct shiny_server *server, const unsigned *timeout_ms)
{
	/* A plugin's language may have stacks of its own, too small for a handler: Go has. */
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART | SA_ONSTACK };
	sigset_t set;

	drain.server = server;
	drain.timeout_ms = timeout_ms;
	sigemptyset(&set);
	for (; *signals != 0; signals++) {
		sigaddset(&set, *signals);
		sigaction(*signals, &action, NULL);
	}
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void drain_ignore(const int *signals)
{
	for (; *signals != 0; signals++) {
		signal(*signals, SIG_IGN);
	}
	drain.server = NULL;
}

bool drain_requested(void)
{
	return drain.requests > 0;
}
