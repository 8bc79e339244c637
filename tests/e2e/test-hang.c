/* SPDX-License-Identifier: MIT */
/*
 * Workers whose loop stands still, and those that only seem to.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void kills_what_hangs(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, again;
	char *line;
	int fd;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\nwatchdog = 2s\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = puppet_give(serving.address, "stand still");
	shinyd_expect_line(&shinyd, "and is killed; it hangs in handle");
	line = shinyd_await_line(&shinyd, "was killed by SIGABRT (Aborted) in handle");
	g_assert_nonnull(strstr(line, "; backtrace: "));
	g_assert_nonnull(strstr(line, "puppet.so+0x"));
	g_free(line);
	shinyd_await_serving(&shinyd, "a", &again);
	g_assert_cmpstr(again.address, ==, serving.address);
	close(fd);
	shinyd_end(&shinyd);
}

/* What was told to end and does not is told of, too. */
static void kills_what_hangs_as_it_ends(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[shinyd]\ndrain_timeout = 100ms\n[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = puppet_give(serving.address, "nothing");
	client_expect(fd, "done\n");
	client_send_text(fd, "stand still"); /* read at the latest as the drain begins */
	child_signal(&shinyd.child, SIGTERM);
	shinyd_expect_line(&shinyd, "has not ended in time and is killed; it hangs in handle");
	shinyd_expect_line(&shinyd, "was killed by SIGKILL (Killed) in handle");
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	close(fd);
	shinyd_finish(&shinyd);
}

/* Of a section whose worker hangs so that another one's limit, which is the same, goes by. */
#define CLOCK "[server clock]\nwatchdog = 2s\n" PUPPET

/* Until a worker of CLOCK, which turns till now, is killed for not having done so for its limit. */
static void let_limit_go_by(struct shinyd *shinyd)
{
	struct serving clock;
	char *hangs;

	shinyd_await_serving(shinyd, "clock", &clock);
	hangs = g_strdup_printf("[server clock] worker %d has not turned", (int)clock.worker);
	close(puppet_give(clock.address, "stand still"));
	shinyd_expect_line(shinyd, hangs);
	g_free(hangs);
}

/* A stopped process takes no SIGABRT. */
static void kills_what_is_stopped(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\nwatchdog = 2s\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(kill(serving.worker, SIGSTOP), ==, 0);
	shinyd_expect_line(&shinyd, "and is killed");
	shinyd_expect_line(&shinyd, "was killed by SIGKILL");
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "and is killed")); /* told once */
	shinyd_finish(&shinyd);
}

static void idle_is_no_hang(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	/* An idle loop turns once a second. */
	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\nwatchdog = 2s\n" PUPPET CLOCK);
	shinyd_await_serving(&shinyd, "a", &serving);
	let_limit_go_by(&shinyd);
	let_limit_go_by(&shinyd);
	puppet_order(serving.address, "nothing");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "is killed"));
	shinyd_finish(&shinyd);
}

/* It works for longer than the watchdog waits. */
static void progress_is_no_hang(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\nwatchdog = 2s\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_order(serving.address, "yield to nobody");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "is killed"));
	shinyd_finish(&shinyd);
}

static void loading_is_no_hang(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *gate;

	shinyd_let_crash();
	shinyd_prepare(&shinyd);
	gate = g_build_filename(shinyd.dir, "gate", NULL);
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	g_assert_true(g_file_set_contents(gate, "", -1, NULL));
	shinyd_start(&shinyd, "[server a]\nwatchdog = 2s\non_load = hang\n" PUPPET CLOCK);
	let_limit_go_by(&shinyd);
	g_assert_cmpint(unlink(gate), ==, 0);
	g_free(gate);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "is killed"));
	shinyd_finish(&shinyd);
}

static void a_debugger_may_hold_it(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\nwatchdog = 2s\n" PUPPET CLOCK);
	shinyd_await_serving(&shinyd, "a", &serving);
	if (ptrace(PTRACE_SEIZE, serving.worker, 0, 0) < 0) {
		shinyd_finish(&shinyd);
		harness_skip("tracing is not allowed here");
	}
	close(puppet_give(serving.address, "stand still"));
	let_limit_go_by(&shinyd);
	g_assert_cmpint(ptrace(PTRACE_INTERRUPT, serving.worker, 0, 0), ==, 0);
	g_assert_cmpint(waitpid(serving.worker, NULL, __WALL), ==, serving.worker);
	g_assert_cmpint(ptrace(PTRACE_DETACH, serving.worker, 0, 0), ==, 0);
	/* Let go it is killed, for the first time. */
	g_assert_null(strstr(shinyd.child.output->str, "[server a] worker"));
	shinyd_expect_line(&shinyd, "and is killed; it hangs in handle");
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/hang/is-killed-and-named", kills_what_hangs);
	harness_add("/e2e/hang/a-stopped-worker-is-killed-too", kills_what_is_stopped);
	harness_add("/e2e/hang/one-that-does-not-end-is-killed-and-named",
		    kills_what_hangs_as_it_ends);
	harness_add("/e2e/hang/idle-is-none", idle_is_no_hang);
	harness_add("/e2e/hang/progress-is-none", progress_is_no_hang);
	harness_add("/e2e/hang/loading-is-none", loading_is_no_hang);
	harness_add("/e2e/hang/traced-is-none", a_debugger_may_hold_it);
	return harness_run();
}
