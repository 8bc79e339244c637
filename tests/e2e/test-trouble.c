/* SPDX-License-Identifier: MIT */
/*
 * Nothing fails in silence: what limits do to clients, what a plugin says of itself, and what a
 * worker cannot say any more.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"
#define ROGUE  "plugin = rogue\n" LISTEN

static const char *const single[] = { "--single", "a", NULL };

/* Section "a" with @keys beside those of the plugin. */
static void start(struct shinyd *shinyd, const char *const arguments[], const char *keys,
		  struct serving *ret_serving)
{
	shinyd_let_crash();
	if (shinyd->dir == NULL) {
		shinyd_prepare(shinyd);
	}
	shinyd_start_with(shinyd, arguments,
			  "[shinyd]\nlog_level = debug\nstatus_socket = %s/status\n[server a]\n%s",
			  shinyd->dir, keys);
	shinyd_await_serving(shinyd, "a", ret_serving);
}

/* The report, for g_free(). */
static char *ask(const struct shinyd *shinyd)
{
	const char *const argv[] = { SHINYD, "--status", "-c", shinyd->config, NULL };
	char *report;

	g_assert_cmpint(child_run(argv, &report), ==, 0);
	return report;
}

static void expect_status(const struct shinyd *shinyd, const char *wanted)
{
	char *report = ask(shinyd);

	if (strstr(report, wanted) == NULL) {
		harness_fail("no \"%s\" in:\n%s", wanted, report);
	}
	g_free(report);
}

/* Until it says so. */
static void await_status(const struct shinyd *shinyd, const char *wanted)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	bool found = false;

	while (!found) {
		char *report = ask(shinyd);

		found = strstr(report, wanted) != NULL;
		if (!found && g_get_monotonic_time() > end) {
			harness_fail("no \"%s\" in:\n%s", wanted, report);
		}
		g_free(report);
	}
}

/* "closed tcp://127.0.0.1:40000: REASON", of the client at @fd. */
static void expect_notice(struct shinyd *shinyd, const char *action, int fd, const char *reason)
{
	struct sockaddr_in own;
	socklen_t len = sizeof(own);
	char *line;

	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&own, &len), ==, 0);
	line = g_strdup_printf("[server a] %s tcp://127.0.0.1:%d: %s", action, ntohs(own.sin_port),
			       reason);
	shinyd_expect_line(shinyd, line);
	g_free(line);
}

static void who_is_turned_away(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fds[2];

	start(&shinyd, NULL, "max_connections = 1\n" ROGUE, &serving);
	fds[0] = puppet_give(serving.address, "nothing");
	client_expect(fds[0], "done\n");
	fds[1] = client_connect(serving.address);
	client_expect_end(fds[1]);
	expect_notice(&shinyd, "turned away", fds[1], "there are max_connections (1) already");
	expect_status(&shinyd, ", shed 1, refused 0\n");
	close(fds[0]);
	close(fds[1]);
	shinyd_end(&shinyd);
}

/* Ten are logged one by one. */
static void many_are_counted(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	start(&shinyd, NULL, "max_connections = 1\n" ROGUE, &serving);
	fd = puppet_give(serving.address, "nothing");
	client_expect(fd, "done\n");
	for (int i = 0; i < 1244; i++) {
		int extra = client_connect(serving.address);

		client_expect_end(extra);
		close(extra);
	}
	shinyd_expect_line(&shinyd, "[server a] and 1,234 more in the last 10 s: turned away, "
				    "there are max_connections (1) already");
	close(fd);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "more in the last"));
	shinyd_finish(&shinyd);
}

/* Without a supervisor it tells at the end what it has not told before. */
static void in_the_foreground(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	start(&shinyd, single, "max_connections = 1\n" ROGUE, &serving);
	fd = puppet_give(serving.address, "nothing");
	client_expect(fd, "done\n");
	for (int i = 0; i < 15; i++) {
		int extra = client_connect(serving.address);

		client_expect_end(extra);
		close(extra);
	}
	shinyd_expect_line(&shinyd, "[server a] turned away tcp://127.0.0.1:");
	client_send_text(fd, "disk full");
	client_expect(fd, "done\n");
	shinyd_expect_line(&shinyd, "[server a] is degraded: isk full");
	close(fd);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	shinyd_expect_line(&shinyd, "[server a] and 5 more in the last 10 s: turned away");
	shinyd_finish(&shinyd);
}

static void out_of_descriptors(void)
{
	const struct rlimit limit = { 256, 256 };
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd, waiting;

	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	start(&shinyd, NULL, ROGUE, &serving);
	fd = puppet_give(serving.address, "few descriptors");
	client_expect(fd, "done\n");
	waiting = puppet_give(serving.address, "nothing");
	shinyd_expect_line(&shinyd, "warning: [server a] accepting fails: Too many open files; "
				    "clients wait");
	await_status(&shinyd, "  state: serving; accepting fails: Too many open files\n");
	expect_status(&shinyd, ": degraded: a (accepting fails: Too many open files); 1 section");
	expect_status(&shinyd, ", accepts failed ");
	client_send_text(fd, "more descriptors");
	client_expect(fd, "done\n");
	client_expect(waiting, "done\n");
	expect_status(&shinyd, "  state: serving\n"); /* at once */
	close(fd);
	close(waiting);
	shinyd_end(&shinyd);
}

static void proxy_headers(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	start(&shinyd, NULL, "proxy_from = 127.0.0.1\n" ROGUE, &serving);
	fd = puppet_give(serving.address, "nothing without a header\r\n");
	expect_notice(&shinyd, "closed", fd, "its PROXY header is wrong or missing");
	await_status(&shinyd, ", refused for the PROXY header 1\n");
	close(fd);
	shinyd_end(&shinyd);
}

static void limits_of_a_connection(void)
{
	static const struct {
		const char *keys, *order, *reason, *counter;
	} cases[] = {
		{ "max_output = 64K\n", "bulk", "more than max_output (64K) unsent",
		  ", ended by max_output 1\n" },
		{ "max_input = 1M\n", "unread", "more than max_input (1M) in a request",
		  ", ended by max_input 1\n" },
		{ "idle_timeout = 200ms\n", "nothing", "idle for idle_timeout (200ms)",
		  ", ended by idle_timeout 1\n" },
		{ "", "produce", "its plugin produced more than it had reserved",
		  ", ended by the plugin's fault 1\n" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct shinyd shinyd = { 0 };
		struct serving serving;
		char *keys = g_strconcat(cases[i].keys, ROGUE, NULL);
		int fd;

		start(&shinyd, NULL, keys, &serving);
		fd = puppet_give(serving.address, cases[i].order);
		expect_notice(&shinyd, "closed", fd, cases[i].reason);
		await_status(&shinyd, cases[i].counter);
		close(fd);
		g_free(keys);
		shinyd_end(&shinyd);
	}
}

static void a_load_that_takes_long(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *gate;

	shinyd_prepare(&shinyd);
	gate = g_build_filename(shinyd.dir, "gate", NULL);
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	g_assert_true(g_file_set_contents(gate, "", -1, NULL));
	shinyd_start(&shinyd,
		     "[shinyd]\nstatus_socket = %s/status\n[server a]\non_load = wait\n" ROGUE,
		     shinyd.dir);
	shinyd_expect_line(&shinyd, "is still loading after 5 s");
	expect_status(&shinyd, "  state: loading; still loading\n");
	expect_status(&shinyd, ": degraded: a (still loading); 1 section");
	shinyd_expect_line(&shinyd, "is still loading after 10 s");
	g_assert_cmpint(unlink(gate), ==, 0);
	shinyd_await_serving(&shinyd, "a", &serving);
	expect_status(&shinyd, "  state: serving\n");
	g_free(gate);
	shinyd_end(&shinyd);
}

/* Nobody knows what else such a worker does; its clients may go on until they end, or it is time. */
static void a_broken_channel(const char *order, const char *text)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, again;
	int fd;

	start(&shinyd, NULL, ROGUE, &serving);
	fd = puppet_give(serving.address, order);
	client_expect(fd, "done\n");
	shinyd_expect_line(&shinyd, text);
	client_expect_end(fd);
	close(fd);
	shinyd_expect_line(&shinyd, "[server a] the next worker starts in 100 ms");
	shinyd_await_serving(&shinyd, "a", &again);
	g_assert_cmpint(again.worker, !=, serving.worker);
	puppet_order(again.address, "nothing");
	shinyd_end(&shinyd);
}

static void garbage_in_the_channel(void)
{
	a_broken_channel("garbage", "is ended, as it sent something that is no message");
}

static void a_closed_channel(void)
{
	a_broken_channel("close", "is ended, as its channel to shinyd was closed");
}

static void what_a_plugin_says_of_itself(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	start(&shinyd, NULL, ROGUE, &serving);
	puppet_order(serving.address, "dno space\nleft on device");
	shinyd_expect_line(&shinyd, "warning: [server a] is degraded: no space?left on device");
	expect_status(&shinyd, "  state: serving; degraded: no space?left on device\n");
	expect_status(&shinyd, ": degraded: a (no space?left on device); 1 section");
	puppet_order(serving.address, "dno space\nleft on device"); /* nothing new */
	puppet_order(serving.address, "well");
	shinyd_expect_line(&shinyd, "[server a] is well again");
	expect_status(&shinyd, "  state: serving\n");
	puppet_order(serving.address, "dshort of breath");
	shinyd_expect_line(&shinyd, "[server a] is degraded: short of breath");
	/* The next worker has not said so. */
	g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
	shinyd_await_serving(&shinyd, "a", &serving);
	await_status(&shinyd, "  state: serving\n");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "is degraded"));
	shinyd_finish(&shinyd);
}

/* A section that is down for more than a second has nobody to say so. */
static void clients_of_one_that_is_down(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	start(&shinyd, NULL, "on_crash = stop\n" ROGUE "[server b]\n" ROGUE, &serving);
	g_assert_cmpint(kill(serving.worker, SIGKILL), ==, 0);
	shinyd_expect_line(&shinyd, "no other worker is started");
	fd = client_connect(serving.address);
	client_expect_end(fd);
	close(fd);
	shinyd_expect_line(&shinyd, "[server a] is down, and clients are turned away");
	expect_status(&shinyd, "  state: failed\n");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	shinyd_expect_line(&shinyd, "[server a] 1 client was turned away while it was down");
	shinyd_finish(&shinyd);
}

/* Without a descriptor for them they wait, and the supervisor does not spin. */
static void clients_that_cannot_be_turned_away(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct rlimit before;
	clockid_t clock;
	struct timespec used;
	int fd;

	start(&shinyd, NULL, "on_crash = stop\n" ROGUE "[server b]\n" ROGUE, &serving);
	g_assert_cmpint(kill(serving.worker, SIGKILL), ==, 0);
	shinyd_expect_line(&shinyd, "no other worker is started");
	shinyd_deny_descriptors(&shinyd, &before);
	fd = client_connect(serving.address);
	shinyd_expect_line(&shinyd,
			   "[server a] is down, and clients cannot be turned away: Too many open");
	g_assert_cmpint(clock_getcpuclockid(shinyd.child.pid, &clock), ==, 0);
	g_assert_false(client_readable(fd, 1500));
	g_assert_cmpint(clock_gettime(clock, &used), ==, 0);
	g_assert_cmpint(used.tv_sec, ==, 0);
	g_assert_cmpint(prlimit(shinyd.child.pid, RLIMIT_NOFILE, &before, NULL), ==, 0);
	client_expect_end(fd);
	close(fd);
	shinyd_end(&shinyd);
}

/* The worker's pause before it is started again is long by then. */
static void a_state_is_told_once(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	start(&shinyd, NULL, ROGUE, &serving);
	for (int i = 0; i < 3; i++) {
		g_assert_cmpint(kill(serving.worker, SIGKILL), ==, 0);
		shinyd_await_serving(&shinyd, "a", &serving);
	}
	g_assert_cmpint(kill(serving.worker, SIGKILL), ==, 0);
	await_status(&shinyd, "  state: down\n");
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/trouble/who-is-turned-away-with-the-limit", who_is_turned_away);
	harness_add_slow("/e2e/trouble/many-are-counted-and-told", many_are_counted, 60);
	harness_add("/e2e/trouble/in-the-foreground-too", in_the_foreground);
	harness_add("/e2e/trouble/accepts-that-fail", out_of_descriptors);
	harness_add("/e2e/trouble/proxy-headers", proxy_headers);
	harness_add("/e2e/trouble/limits-of-a-connection", limits_of_a_connection);
	harness_add("/e2e/trouble/a-load-that-takes-long", a_load_that_takes_long);
	harness_add("/e2e/trouble/garbage-in-the-channel-ends-the-worker", garbage_in_the_channel);
	harness_add("/e2e/trouble/a-closed-channel-ends-the-worker", a_closed_channel);
	harness_add("/e2e/trouble/what-a-plugin-says-of-itself", what_a_plugin_says_of_itself);
	harness_add("/e2e/trouble/clients-of-a-section-that-is-down", clients_of_one_that_is_down);
	harness_add("/e2e/trouble/clients-that-cannot-be-turned-away",
		    clients_that_cannot_be_turned_away);
	harness_add("/e2e/trouble/a-state-is-told-once", a_state_is_told_once);
	return harness_run();
}
