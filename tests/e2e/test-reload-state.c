/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP and what must not be lost: a plugin's state, and the old configuration where the new one
 * fails.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"
#define ECHO   "plugin = echo\n" LISTEN
#define KEEPER "plugin = keeper\n" LISTEN

static void state_is_kept(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, again;

	shinyd_start(&shinyd, "[server a]\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "x", "1\n");
	shinyd_reload(&shinyd, "[server a]\ntag = new\n" KEEPER);
	shinyd_expect_line(&shinyd,
			   "[server a] keeps its workers, as what they hold would be lost");
	client_exchange(serving.address, "x", "2\n");
	shinyd_reload(&shinyd, "[server a]\ntag = new\non_reload = replace\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &again);
	client_exchange(again.address, "x", "1\n");
	g_assert_cmpstr(again.address, ==, serving.address);
	shinyd_end(&shinyd);
}

/* For g_free(). */
static char *ask_status(const struct shinyd *shinyd)
{
	const char *const argv[] = { SHINYD, "--status", "-c", shinyd->config, NULL };
	char *report;

	g_assert_cmpint(child_run(argv, &report), ==, 0);
	return report;
}

static void what_is_kept_follows_live_keys(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *head, *config, *report, *waits;

	shinyd_prepare(&shinyd);
	head = g_strdup_printf("[shinyd]\nstatus_socket = %s/status\n", shinyd.dir);
	shinyd_start(&shinyd, "%slog_level = notice\n[server a]\nhigh_water = 1M\n" KEEPER, head);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "x", "1\n");

	config = g_strdup_printf("%slog_level = info\n[server a]\nwatchdog = 2s\n"
				 "plugin = keeper\nworkers = 1\ntag = new\n" LISTEN
				 "listen = unix:///nowhere\n",
				 head);
	shinyd_reload(&shinyd, config);
	shinyd_expect_line(&shinyd, "[server a] keeps its workers");
	for (int line = 7; line <= 9; line++) {
		static const char *const keys[] = { "workers", "tag", "listen" };

		waits = g_strdup_printf("[server a] waits for a restart: %s:%d: %s", shinyd.config,
					line, keys[line - 7]);
		shinyd_expect_line(&shinyd, waits);
		g_free(waits);
	}
	/* What is gone waits in the section's own line. */
	waits = g_strdup_printf("[server a] waits for a restart: %s:4: high_water", shinyd.config);
	shinyd_expect_line(&shinyd, waits);
	g_free(waits);
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	report = ask_status(&shinyd);
	g_assert_nonnull(strstr(report, "shinyd.ini:8: tag\n"));
	g_assert_nonnull(strstr(report, "\nlog_level = info "));
	g_assert_nonnull(strstr(report, "\nwatchdog = 2s "));
	g_assert_nonnull(strstr(report, "\ntag = none "));
	g_free(report);
	client_exchange(serving.address, "x", "2\n");
	g_free(config);

	/* Where all is as it runs nothing waits. */
	config = g_strdup_printf("%s[server a]\nwatchdog = 2s\nhigh_water = 1M\n" KEEPER, head);
	shinyd_reload(&shinyd, config);
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	report = ask_status(&shinyd);
	g_assert_null(strstr(report, "waits for a restart"));
	g_free(report);
	g_free(config);

	g_assert_cmpint(kill(serving.worker, SIGSTOP), ==, 0);
	shinyd_expect_line(&shinyd, "and is killed");
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_end(&shinyd);
	g_free(head);
}

static void persistent_state_is_replaced(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\npersistent = yes\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "x", "1\n");
	shinyd_reload(&shinyd, "[server a]\npersistent = yes\ntag = new\n" KEEPER);
	shinyd_expect_line(&shinyd, "[server a] worker "); /* the old one ended first */
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "x", "1\n");
	shinyd_end(&shinyd);
}

static void a_failing_load_changes_nothing(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, "[server a]\non_load = fail\n" PUPPET);
	shinyd_expect_line(&shinyd, "[server a] failed to load: the strings are cut");
	shinyd_expect_line(&shinyd, "[server a] goes on with its old configuration");
	client_exchange(serving.address, "nothing", "done\n");
	g_assert_cmpint(kill(serving.worker, 0), ==, 0);
	shinyd_end(&shinyd);
}

static void a_failing_exclusive_brings_the_old_back(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, again;

	shinyd_start(&shinyd, "[server a]\npersistent = yes\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, "[server a]\nfail = yes\n" KEEPER);
	shinyd_expect_line(&shinyd, "[server a] failed to load: as it was told to");
	shinyd_expect_line(&shinyd, "[server a] goes on with its old configuration");
	shinyd_await_serving(&shinyd, "a", &again);
	g_assert_cmpstr(again.address, ==, serving.address);
	client_exchange(again.address, "x", "1\n");
	shinyd_end(&shinyd);
}

/* For more than the second after which one that is down turns them away. */
static void who_waits_for_a_failing_exclusive_gets_the_old(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[server a]\npersistent = yes\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, "[server a]\non_load = slow failure\n" PUPPET);
	shinyd_await_end(&shinyd, &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "x");
	shinyd_expect_line(&shinyd, "[server a] goes on with its old configuration");
	client_expect(fd, "1\n");
	close(fd);
	shinyd_end(&shinyd);
}

/* It has loaded, and said so. */
static void an_exclusive_that_dies_at_once_brings_the_old_back(void)
{
	static const char *const ticks[] = { "crashes", "exits" };
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\npersistent = yes\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (size_t i = 0; i < G_N_ELEMENTS(ticks); i++) {
		char *config = g_strdup_printf("[server a]\npersistent = yes\ntick = %s\n" KEEPER,
					       ticks[i]);
		struct serving ill;

		shinyd_reload(&shinyd, config);
		shinyd_await_serving(&shinyd, "a", &ill);
		shinyd_expect_line(&shinyd, "(keeper 1.0) ");
		shinyd_expect_line(&shinyd, "[server a] goes on with its old configuration");
		shinyd_await_serving(&shinyd, "a", &serving);
		client_exchange(serving.address, "x", "1\n");
		g_free(config);
	}
	shinyd_end(&shinyd);
}

static void a_stateful_one_that_is_down_can_be_repaired(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\ntick = crashes\n" KEEPER "[server b]\n" ECHO);
	for (int i = 0; i < 3; i++) {
		shinyd_await_serving(&shinyd, "a", &serving);
	}
	shinyd_expect_line(&shinyd, "[server a] the next worker starts in 400 ms");
	shinyd_reload(&shinyd, "[server a]\n" KEEPER "[server b]\n" ECHO);
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "x", "1\n");
	client_exchange(serving.address, "x", "2\n");
	shinyd_end(&shinyd);
}

/* A client keeps the old worker; the new name waits for it, and the rest does not. */
static void an_exclusive_plugin_may_be_renamed(void)
{
	struct shinyd shinyd = { 0 };
	struct serving before, after, other;
	char *first, *second, *common;
	int fd;

	shinyd_prepare(&shinyd);
	common = g_strdup_printf("persistent = yes\nfile = %s/owned\nplugin = keeper\n"
				 "listen = unix://%s/socket\n",
				 shinyd.dir, shinyd.dir);
	first = g_strconcat("[server a]\n", common, NULL);
	second = g_strconcat("[server b]\n", common, "[server c]\n" PUPPET, NULL);
	shinyd_start(&shinyd, "%s", first);
	shinyd_await_serving(&shinyd, "a", &before);
	fd = client_connect(before.address);
	client_send_text(fd, "hold");
	client_expect(fd, "1\n");
	shinyd_reload(&shinyd, second);
	shinyd_await_serving(&shinyd, "c", &other);
	client_exchange(other.address, "nothing", "done\n");
	client_send_text(fd, "x");
	client_expect(fd, "2\n");
	client_reset(fd);
	shinyd_await_serving(&shinyd, "b", &after);
	client_exchange(after.address, "x", "1\n");
	g_free(second);
	g_free(first);
	g_free(common);
	shinyd_end(&shinyd);
}

/* The client of one keeps its old worker; that is nothing to the other one. */
static void exclusive_sections_wait_for_their_own(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;
	int fd;

	shinyd_start(&shinyd, "[server a]\npersistent = yes\n" KEEPER
			      "[server b]\npersistent = yes\n" KEEPER);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_await_serving(&shinyd, "b", &b);
	fd = client_connect(a.address);
	client_send_text(fd, "hold");
	client_expect(fd, "1\n");
	shinyd_reload(&shinyd, "[server a]\npersistent = yes\ntag = new\n" KEEPER
			       "[server b]\npersistent = yes\ntag = new\n" KEEPER);
	shinyd_await_serving(&shinyd, "b", &b);
	client_exchange(b.address, "x", "1\n");
	client_send_text(fd, "x");
	client_expect(fd, "2\n");
	client_reset(fd);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_end(&shinyd);
}

/* What a plugin has ended for good no successor's failure brings back. */
static void what_its_plugin_ended_stays_ended(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;
	int fd;

	shinyd_start(&shinyd, "[server a]\n" PUPPET "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_await_serving(&shinyd, "b", &b);
	shinyd_reload(&shinyd, "[server a]\non_load = slow failure\n" PUPPET "[server b]\n" ECHO);
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	fd = puppet_give(a.address, "tick");
	shinyd_expect_line(&shinyd, "[server a] was ended by its plugin");
	close(fd);
	shinyd_expect_line(&shinyd, "[server a] goes on with its old configuration");
	client_exchange(b.address, "x\n", "Welcome to the echo server!\n");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "the next worker starts"));
	g_assert_null(strstr(shinyd.child.output->str, "[server a] serves"));
	shinyd_finish(&shinyd);
}

static void a_failed_section_gets_another_try(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\non_load = fail\n" PUPPET "[server b]\n" ECHO);
	shinyd_expect_line(&shinyd, "[server a] failed to load");
	shinyd_reload(&shinyd, "[server a]\n" PUPPET "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "nothing", "done\n");
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/reload/a-failing-load-changes-nothing", a_failing_load_changes_nothing);
	harness_add("/e2e/reload/state-is-kept-unless-told", state_is_kept);
	harness_add("/e2e/reload/what-is-kept-follows-live-keys", what_is_kept_follows_live_keys);
	harness_add("/e2e/reload/persistent-state-is-replaced", persistent_state_is_replaced);
	harness_add("/e2e/reload/a-failing-exclusive-brings-the-old-back",
		    a_failing_exclusive_brings_the_old_back);
	harness_add("/e2e/reload/who-waits-for-a-failing-exclusive-gets-the-old",
		    who_waits_for_a_failing_exclusive_gets_the_old);
	harness_add("/e2e/reload/an-exclusive-that-dies-at-once-brings-the-old-back",
		    an_exclusive_that_dies_at_once_brings_the_old_back);
	harness_add("/e2e/reload/a-stateful-section-that-is-down-can-be-repaired",
		    a_stateful_one_that_is_down_can_be_repaired);
	harness_add("/e2e/reload/an-exclusive-plugin-may-be-renamed",
		    an_exclusive_plugin_may_be_renamed);
	harness_add("/e2e/reload/exclusive-sections-wait-for-their-own",
		    exclusive_sections_wait_for_their_own);
	harness_add("/e2e/reload/what-its-plugin-ended-stays-ended",
		    what_its_plugin_ended_stays_ended);
	harness_add("/e2e/reload/a-failed-section-gets-another-try",
		    a_failed_section_gets_another_try);
	return harness_run();
}
