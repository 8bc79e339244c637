/* SPDX-License-Identifier: MIT */
/*
 * How shinyd ends, and that no process of it is left.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void await_death(pid_t pid)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;

	while (kill(pid, 0) == 0) {
		if (g_get_monotonic_time() > end) {
			harness_fail("%d is still there", (int)pid);
		}
		g_usleep(1000);
	}
	g_assert_cmpint(errno, ==, ESRCH);
}

static void workers_die_with_it(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, second;

	shinyd_start(&shinyd, "[server a]\n" PUPPET "[server b]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &first);
	shinyd_await_serving(&shinyd, "b", &second);
	child_signal(&shinyd.child, SIGKILL);
	/* Comes back when nobody holds the log any more. */
	g_assert_cmpint(shinyd_wait(&shinyd), ==, -SIGKILL);
	await_death(first.worker);
	await_death(second.worker);
	shinyd_finish(&shinyd);
}

/* What was written before the signal all arrives. */
static void drains(int signal_number)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	GByteArray *rest;
	int fd;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect_narrow(serving.address, 4096);
	client_send_text(fd, "bulk");
	client_expect(fd, "b"); /* all is queued by now, and most of it has not left */
	child_signal(&shinyd.child, signal_number);
	shinyd_expect_line(&shinyd, "stopping");
	rest = client_receive_rest(fd);
	g_assert_cmpuint(rest->len, ==, 4 * 1024 * 1024 - 1 + strlen("done\n"));
	g_byte_array_unref(rest);
	close(fd);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	shinyd_finish(&shinyd);
}

static void drains_on_sigterm(void)
{
	drains(SIGTERM);
}

static void drains_on_sigint(void)
{
	drains(SIGINT);
}

static void drain_has_an_end(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[shinyd]\ndrain_timeout = 200ms\n[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "hold");
	client_expect(fd, "done\n");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	client_expect_reset(fd);
	close(fd);
	shinyd_finish(&shinyd);
}

static void refuses_while_it_drains(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd, r;

	shinyd_start(&shinyd, "[shinyd]\ndrain_timeout = 1h\n[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "hold");
	client_expect(fd, "done\n");
	child_signal(&shinyd.child, SIGTERM);
	shinyd_expect_line(&shinyd, "stopping");
	while ((r = client_try_connect(serving.address)) >= 0) {
		close(r);
	}
	g_assert_cmpint(r, ==, -ECONNREFUSED);
	client_send_text(fd, "nothing"); /* and this one is served on */
	client_expect(fd, "done\n");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	close(fd);
	shinyd_finish(&shinyd);
}

static void second_signal_ends_at_once(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[shinyd]\ndrain_timeout = 1h\n[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "hold");
	client_expect(fd, "done\n");
	child_signal(&shinyd.child, SIGTERM);
	shinyd_expect_line(&shinyd, "stopping");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	shinyd_expect_line(&shinyd, "warning: told to stop twice: workers are killed");
	shinyd_expect_line(&shinyd, " was ended at once");
	/* It is no death that somebody has to look into. */
	g_assert_null(strstr(shinyd.child.output->str, "error: "));
	g_assert_null(strstr(shinyd.child.output->str, "SIGKILL"));
	close(fd);
	shinyd_finish(&shinyd);
}

/* A reload has told the worker to drain; the end of all tells it nothing new. */
static void drains_on(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, successor;
	GByteArray *rest;
	int fd;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect_narrow(serving.address, 4096);
	client_send_text(fd, "bulk");
	client_expect(fd, "b");
	shinyd_reload(&shinyd, "[server a]\nbacklog = 7\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &successor);
	child_signal(&shinyd.child, SIGTERM);
	shinyd_expect_line(&shinyd, "stopping");
	await_death(successor.worker);
	rest = client_receive_rest(fd);
	g_assert_cmpuint(rest->len, ==, 4 * 1024 * 1024 - 1 + strlen("done\n"));
	g_byte_array_unref(rest);
	close(fd);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	shinyd_finish(&shinyd);
}

static void plugin_ends_its_section(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, second;
	int fd;

	shinyd_start(&shinyd, "[server a]\n" PUPPET "[server b]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &first);
	shinyd_await_serving(&shinyd, "b", &second);
	fd = client_connect(first.address);
	client_send_text(fd, "tick");
	shinyd_expect_line(&shinyd, "[server a] was ended by its plugin");
	close(fd);
	/* Nobody listens there any more, while the other one goes on. */
	g_assert_cmpint(client_try_connect(first.address), ==, -ECONNREFUSED);
	fd = client_connect(second.address);
	client_send_text(fd, "tick");
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	close(fd);
	shinyd_finish(&shinyd);
}

static void plugin_ends_all_workers(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[server a]\nworkers = 3\n" PUPPET);
	for (int i = 0; i < 3; i++) {
		shinyd_await_serving(&shinyd, "a", &serving);
	}
	fd = client_connect(serving.address);
	client_send_text(fd, "tick");
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	close(fd);
	shinyd_finish(&shinyd);
}

static void replaces_a_worker_told_to_end(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, again;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(kill(serving.worker, SIGTERM), ==, 0);
	shinyd_await_serving(&shinyd, "a", &again);
	g_assert_cmpint(again.worker, !=, serving.worker);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/end/kill-leaves-no-worker", workers_die_with_it);
	harness_add("/e2e/end/sigterm-drains", drains_on_sigterm);
	harness_add("/e2e/end/sigint-drains", drains_on_sigint);
	harness_add("/e2e/end/a-drain-ends-at-its-timeout", drain_has_an_end);
	harness_add("/e2e/end/clients-are-refused-during-a-drain", refuses_while_it_drains);
	harness_add("/e2e/end/a-second-signal-ends-at-once", second_signal_ends_at_once);
	harness_add("/e2e/end/a-drain-under-way-goes-on", drains_on);
	harness_add("/e2e/end/tick-false-ends-the-section-for-good", plugin_ends_its_section);
	harness_add("/e2e/end/tick-false-ends-all-its-workers", plugin_ends_all_workers);
	harness_add("/e2e/end/a-worker-told-to-end-is-replaced", replaces_a_worker_told_to_end);
	return harness_run();
}
