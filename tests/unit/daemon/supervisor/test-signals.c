/* SPDX-License-Identifier: MIT */
#include "supervisor/signals.h"

#include "harness.h"

#include <poll.h>
#include <unistd.h>

static void come_while_a_descriptor_is_ready(void)
{
	const struct timespec no_time = { 0 };
	struct pollfd ready = { .events = POLLIN };
	sigset_t waiting;
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_cmpint(write(ends[1], "", 1), ==, 1);
	ready.fd = ends[0];
	signals_begin(&waiting);
	raise(SIGTERM);
	g_assert_cmpint(ppoll(&ready, 1, &no_time, &waiting), ==, 1);
	signals_collect(&waiting);
	g_assert_cmpuint(signals_take(SIGNAL_STOP), ==, 1);
	close(ends[0]);
	close(ends[1]);
}

static void wait_until_they_are_collected(void)
{
	sigset_t waiting;

	signals_begin(&waiting);
	raise(SIGHUP);
	g_assert_cmpuint(signals_take(SIGNAL_RELOAD), ==, 0);
	signals_collect(&waiting);
	g_assert_cmpuint(signals_take(SIGNAL_RELOAD), ==, 1);
	g_assert_cmpuint(signals_take(SIGNAL_RELOAD), ==, 0);
	raise(SIGHUP);
	g_assert_cmpuint(signals_take(SIGNAL_RELOAD), ==, 0);
	signals_collect(&waiting);
	g_assert_cmpuint(signals_take(SIGNAL_RELOAD), ==, 1);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/signals/come-while-a-descriptor-is-ready", come_while_a_descriptor_is_ready);
	harness_add("/signals/wait-until-they-are-collected", wait_until_they_are_collected);
	return harness_run();
}
