/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP while what the one before asked for still loads.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define LISTEN	  "listen = tcp://127.0.0.1:0\n"
#define KEEPER	  "plugin = keeper\n" LISTEN
#define NOT_READY "[server a] was not ready in time for the next reload"

/* Until the test removes that file a load that hangs does so. For g_free(). */
static char *close_gate(struct shinyd *shinyd)
{
	char *gate;

	shinyd_prepare(shinyd);
	gate = g_build_filename(shinyd->dir, "gate", NULL);
	g_assert_true(g_file_set_contents(gate, "", -1, NULL));
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	return gate;
}

static void open_gate(char *gate)
{
	g_assert_cmpint(unlink(gate), ==, 0);
	g_free(gate);
}

static void a_load_that_hangs_keeps_from_no_reload(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, second;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &first);
	shinyd_reload(&shinyd, "[server a]\non_load = hang\n" PUPPET);
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	client_exchange(first.address, "nothing", "done\n");
	/* What is wrong changes nothing, here neither. */
	shinyd_reload(&shinyd, "[server a]\nmaxcon = 1\n" PUPPET);
	shinyd_expect_line(&shinyd, "the old one is still served");
	shinyd_reload(&shinyd, "[server a]\nbacklog = 7\n" PUPPET);
	shinyd_expect_line(&shinyd, "[server a] was not ready in time for the next reload");
	shinyd_await_serving(&shinyd, "a", &second);
	g_assert_cmpstr(second.address, ==, first.address);
	client_exchange(second.address, "nothing", "done\n");
	shinyd_end(&shinyd);
}

/* The old worker is gone by then; what was loading has to be, before it comes back. */
static void a_hanging_exclusive_can_be_taken_back(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, again;

	shinyd_start(&shinyd, "[server a]\npersistent = yes\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &first);
	shinyd_reload(&shinyd, "[server a]\non_load = hang\n" PUPPET);
	shinyd_expect_line(&shinyd, "worker "); /* the old one has ended */
	shinyd_reload(&shinyd, "[server a]\npersistent = yes\n" KEEPER);
	shinyd_expect_line(&shinyd, "[server a] was not ready in time for the next reload");
	shinyd_await_serving(&shinyd, "a", &again);
	client_exchange(again.address, "x", "1\n");
	shinyd_end(&shinyd);
}

/* Its address is another one's, which is found out when all the rest has been found well. */
static void what_is_kept_out_throws_nothing_away(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, second;
	char *gate = close_gate(&shinyd), *config;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &first);
	shinyd_reload_well(&shinyd, "[server a]\non_load = hang\n" PUPPET);
	config = g_strdup_printf("[server a]\n" PUPPET "[server b]\nplugin = echo\nlisten = %s\n",
				 first.address);
	shinyd_reload(&shinyd, config);
	shinyd_expect_line(&shinyd, "the address is in use");
	shinyd_expect_line(&shinyd, "the old one is still served");
	open_gate(gate);
	shinyd_await_serving(&shinyd, "a", &second);
	shinyd_await_end(&shinyd, &first);
	g_assert_null(strstr(shinyd.child.output->str, NOT_READY));
	g_free(config);
	shinyd_end(&shinyd);
}

/* Or the section would be down until nobody asks any more. */
static void what_is_asked_for_again_loads_once(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *gate = close_gate(&shinyd);

	shinyd_start(&shinyd, "[server a]\npersistent = yes\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload_well(&shinyd, "[server a]\non_load = hang\n" PUPPET);
	shinyd_await_end(&shinyd, &serving);
	shinyd_reload_well(&shinyd, "[server a]\non_load = hang\n" PUPPET);
	/* What applies in place does so to one that loads, too. */
	shinyd_reload_well(&shinyd, "[server a]\non_load = hang\nwatchdog = 1h\n" PUPPET);
	child_signal(&shinyd.child, SIGUSR2);
	shinyd_expect_line(&shinyd, "watchdog = 1h");
	open_gate(gate);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_order(serving.address, "nothing");
	g_assert_null(strstr(shinyd.child.output->str, NOT_READY));
	shinyd_end(&shinyd);
}

/* What the one that is given up has bound is free again for the one that follows. */
static void an_address_passes_from_who_gives_up(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *gate = close_gate(&shinyd);
	char *config, *address = g_strdup_printf("unix://%s/socket", shinyd.dir);

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	config = g_strdup_printf("[server a]\non_load = hang\nplugin = puppet\nlisten = %s\n",
				 address);
	shinyd_reload_well(&shinyd, config);
	g_free(config);
	config = g_strdup_printf("[server a]\n" PUPPET "[server b]\nplugin = puppet\nlisten = %s\n",
				 address);
	shinyd_reload_well(&shinyd, config);
	shinyd_await_serving(&shinyd, "b", &serving);
	puppet_order(address, "nothing");
	g_free(config);
	g_free(address);
	open_gate(gate);
	shinyd_end(&shinyd);
}

/* It loads to its end, as it was told to end, and then goes. */
static void what_was_given_up_serves_nobody(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, second;
	char *gate = close_gate(&shinyd);

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &first);
	shinyd_reload_well(&shinyd, "[server a]\non_load = hang\n" PUPPET);
	shinyd_reload(&shinyd, "[server a]\nbacklog = 7\n" PUPPET);
	shinyd_expect_line(&shinyd, NOT_READY);
	open_gate(gate);
	shinyd_await_serving(&shinyd, "a", &second);
	shinyd_await_end(&shinyd, &first);
	shinyd_expect_line(&shinyd, " ended");
	g_assert_cmpint(kill(second.worker, 0), ==, 0);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "[server a] serves"));
	shinyd_finish(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/reload/a-load-that-hangs-keeps-from-no-other",
		    a_load_that_hangs_keeps_from_no_reload);
	harness_add("/e2e/reload/a-hanging-exclusive-can-be-taken-back",
		    a_hanging_exclusive_can_be_taken_back);
	harness_add("/e2e/reload/what-is-kept-out-throws-no-earlier-one-away",
		    what_is_kept_out_throws_nothing_away);
	harness_add("/e2e/reload/what-is-asked-for-again-loads-once",
		    what_is_asked_for_again_loads_once);
	harness_add("/e2e/reload/an-address-passes-from-who-gives-up",
		    an_address_passes_from_who_gives_up);
	harness_add("/e2e/reload/what-was-given-up-serves-nobody", what_was_given_up_serves_nobody);
	return harness_run();
}
