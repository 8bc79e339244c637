/* SPDX-License-Identifier: MIT */
#include "worker/drain.h"

#include "harness.h"

#include <signal.h>

/* A plugin in Go runs on stacks that are too small for a handler. */
static void runs_on_the_alternate_stack(void)
{
	const int signals[] = { SIGTERM, 0 };
	struct sigaction action;
	unsigned timeout_ms = 0;

	drain_on_signals(signals, NULL, &timeout_ms);
	g_assert_cmpint(sigaction(SIGTERM, NULL, &action), ==, 0);
	g_assert_cmpint(action.sa_flags & SA_ONSTACK, !=, 0);
	drain_ignore(signals);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/drain/signal/runs-on-the-alternate-stack", runs_on_the_alternate_stack);
	return harness_run();
}
