/* SPDX-License-Identifier: MIT */
/*
 * Workers that die: what the log says, who goes on serving, who comes back.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ECHO "plugin = echo\nlisten = tcp://127.0.0.1:0\n"

/* What the issue promises. Machines that sanitize are given more. */
static gint64 second_us(void)
{
	return (harness_sanitized() ? 5 : 1) * G_USEC_PER_SEC;
}

static void restarts_at_once(void)
{
	struct shinyd shinyd = { 0 };
	struct serving victim, neighbour, again;
	gint64 start;
	int talk;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server victim]\n" PUPPET "[server neighbour]\n" ECHO);
	shinyd_await_serving(&shinyd, "victim", &victim);
	shinyd_await_serving(&shinyd, "neighbour", &neighbour);
	talk = client_connect(neighbour.address);
	client_expect(talk, "Welcome to the echo server!\n");
	g_free(client_receive_line(talk));

	start = g_get_monotonic_time();
	g_assert_cmpint(kill(victim.worker, SIGSEGV), ==, 0);
	puppet_order(victim.address, "nothing"); /* waits in the backlog, if it has to */
	g_assert_cmpint(g_get_monotonic_time() - start, <, second_us());

	shinyd_expect_line(&shinyd, "(puppet 0.9) was killed by SIGSEGV (Segmentation fault)");
	shinyd_await_serving(&shinyd, "victim", &again);
	g_assert_cmpint(again.worker, !=, victim.worker);
	g_assert_cmpstr(again.address, ==, victim.address);
	client_send_text(talk, "still here\n");
	client_expect(talk, "still here\n");
	close(talk);
	g_assert_cmpint(kill(neighbour.worker, 0), ==, 0);
	shinyd_end(&shinyd);
}

/* Where it is put is the system's to say; if that is the working folder, it is the test's own. */
static void leaves_a_core(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct rlimit limit;
	char *options;

	g_assert_cmpint(getrlimit(RLIMIT_CORE, &limit), ==, 0);
	if (limit.rlim_max == 0) {
		harness_skip("core dumps are not allowed here");
	}
	limit.rlim_cur = limit.rlim_max;
	g_assert_cmpint(setrlimit(RLIMIT_CORE, &limit), ==, 0);
	shinyd_let_crash();
	options = g_strconcat(g_getenv("ASAN_OPTIONS"), ":disable_coredump=0", NULL);
	g_setenv("ASAN_OPTIONS", options, TRUE);
	g_free(options);
	shinyd_prepare(&shinyd);
	g_assert_cmpint(chdir(shinyd.dir), ==, 0);
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_give_fatal(serving.address, "crash");
	shinyd_expect_line(&shinyd, "in handle; core dumped");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_cmpint(chdir("/"), ==, 0);
	shinyd_finish(&shinyd);
}

static void refuses_nobody(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (int i = 0; i < 3; i++) {
		g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
		for (int j = 0; j < 20; j++) {
			int fd = client_try_connect(serving.address);

			g_assert_cmpint(fd, >=, 0);
			close(fd);
		}
		shinyd_await_serving(&shinyd, "a", &serving);
	}
	shinyd_end(&shinyd);
}

static void every_fatal_signal_is_told(void)
{
	static const struct {
		int number;
		const char *text;
	} signals[] = {
		{ SIGBUS, "was killed by SIGBUS" },
		{ SIGABRT, "was killed by SIGABRT" },
		{ SIGFPE, "was killed by SIGFPE" },
		{ SIGILL, "was killed by SIGILL" },
	};
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *line;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
		shinyd_await_serving(&shinyd, "a", &serving);
		g_assert_cmpint(kill(serving.worker, signals[i].number), ==, 0);
		line = shinyd_await_line(&shinyd, signals[i].text);
		g_assert_nonnull(strstr(line, "; backtrace: "));
		g_free(line);
	}
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_end(&shinyd);
}

static void names_the_callback(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *line;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_give_fatal(serving.address, "crash");
	/* One line has it all. */
	line = shinyd_await_line(&shinyd, "[server a] worker ");
	g_assert_nonnull(strstr(line, "(puppet 0.9) was killed by SIGSEGV (Segmentation fault) in "
				      "handle; "));
	g_assert_nonnull(strstr(line, "; backtrace: "));
	g_assert_nonnull(strstr(line, "puppet.so+0x"));
	g_free(line);
	shinyd_expect_line(&shinyd, "[server a] the next worker starts in 100 ms");
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_give_fatal(serving.address, "crash");
	shinyd_expect_line(&shinyd, "[server a] the next worker starts in 200 ms");
	shinyd_end(&shinyd);
}

/* A thread holds the dynamic linker's lock; a watchdog does not take a crash for a hang. */
static void a_stuck_backtrace_is_given_up(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *gate, *log;

	shinyd_let_crash();
	shinyd_prepare(&shinyd);
	gate = g_build_filename(shinyd.dir, "gate", NULL);
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	shinyd_start(&shinyd, "[server a]\nwatchdog = 2s\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_give_fatal(serving.address, "deadlock");
	log = shinyd_await_line(&shinyd, "[server a] worker ");
	g_assert_nonnull(strstr(log, "was killed by SIGSEGV (Segmentation fault) in handle"));
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_end(&shinyd);
	g_free(log);
	g_free(gate);
}

static void names_no_callback_for_threads(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_give_fatal(serving.address, "worker thread");
	shinyd_expect_line(&shinyd,
			   "was killed by SIGSEGV (Segmentation fault) in a thread of its own");
	shinyd_end(&shinyd);
}

static void exit_is_a_crash(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *line;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_give_fatal(serving.address, "exit");
	line = shinyd_await_line(&shinyd, "(puppet 0.9) exited with status 0 in handle");
	g_assert_nonnull(strstr(line, "; backtrace: "));
	g_assert_nonnull(strstr(line, "puppet.so+0x"));
	g_free(line);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_order(serving.address, "nothing");
	shinyd_end(&shinyd);
}

/* By its file and not by what ps(1) shows, whoever has executed it. */
static void names_the_program(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *line;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_give_fatal(serving.address, "crash");
	line = shinyd_await_line(&shinyd, "; backtrace: ");
	g_assert_nonnull(strstr(line, " < shinyd+0x"));
	g_assert_null(strstr(line, "server a+0x"));
	g_free(line);
	shinyd_end(&shinyd);
}

/* The line has it all, whatever was said before it. */
static void names_the_callback_after_a_flood(void)
{
	struct shinyd shinyd = { 0 };
	char *address, *line;

	shinyd_let_crash();
	shinyd_prepare(&shinyd);
	/* A known one, as the line that would tell it may find no room in a log that nobody reads. */
	address = g_strdup_printf("unix://%s/puppet", shinyd.dir);
	shinyd_start(&shinyd, "[server a]\nplugin = puppet\nlisten = %s\n", address);
	close(client_connect_soon(address));
	puppet_give_fatal(address, "overflow");
	line = shinyd_await_line(&shinyd, "was killed by SIGSEGV");
	g_assert_nonnull(strstr(line, " in handle; backtrace: "));
	g_assert_nonnull(strstr(line, "puppet.so+0x"));
	g_free(line);
	puppet_give_fatal(address, "quit");
	line = shinyd_await_line(&shinyd, "exited with status 3 in handle");
	puppet_order(address, "nothing");
	shinyd_end(&shinyd);
	g_free(line);
	g_free(address);
}

static void children_of_a_plugin_are_its_own(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\nwatchdog = 2s\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_order(serving.address, "kids");
	/* It is still looked after. */
	close(puppet_give(serving.address, "stand still"));
	shinyd_expect_line(&shinyd, "and is killed; it hangs in handle");
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_end(&shinyd);
}

static void children_that_return_end(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\non_load = fork\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_expect_line(&shinyd, "[server a] a child that the plugin forked has returned from "
				    "load and is ended");
	puppet_order(serving.address, "join in");
	shinyd_expect_line(&shinyd, "libshiny: a child that an event function forked has returned");
	puppet_order(serving.address, "nothing");
	g_assert_cmpint(kill(serving.worker, 0), ==, 0);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "was killed"));
	g_assert_null(strstr(shinyd.child.output->str, "] serves")); /* that was said once */
	shinyd_finish(&shinyd);
}

static void turns_clients_away_while_down(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	/* The fifth pause is 1.6 s. */
	for (int i = 0; i < 5; i++) {
		if (i > 0) {
			shinyd_await_serving(&shinyd, "a", &serving);
		}
		g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
	}
	shinyd_expect_line(&shinyd, "starts in 1600 ms");
	fd = client_connect(serving.address);
	g_assert_true(client_readable(fd, 1500));
	client_expect_end(fd);
	close(fd);
	shinyd_end(&shinyd);
}

/* Each worker was ready for a moment, and none ever served. */
static void one_that_dies_in_its_first_tick_is_never_up(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\ntick = crashes\nplugin = keeper\n"
			      "listen = tcp://127.0.0.1:0\n[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_expect_line(&shinyd, "starts in 1600 ms"); /* as many have passed since the first */
	fd = client_connect(serving.address);
	g_assert_true(client_readable(fd, 900)); /* less than a second from now */
	client_expect_end(fd);
	close(fd);
	shinyd_end(&shinyd);
}

/* As redis-lite, where the file is large. */
static void turns_clients_away_while_the_next_one_loads(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *gate;
	int fd;

	shinyd_let_crash();
	shinyd_prepare(&shinyd);
	gate = g_build_filename(shinyd.dir, "gate", NULL);
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	shinyd_start(&shinyd, "[server a]\non_load = hang\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_true(g_file_set_contents(gate, "", -1, NULL));
	puppet_give_fatal(serving.address, "crash");
	fd = client_connect(serving.address);
	client_expect_end(fd);
	close(fd);
	child_signal(&shinyd.child, SIGUSR2);
	shinyd_expect_line(&shinyd, "degraded: a");
	shinyd_expect_line(&shinyd, "  worker: loading");
	g_assert_cmpint(unlink(gate), ==, 0);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_order(serving.address, "nothing");
	g_free(gate);
	shinyd_end(&shinyd);
}

static void the_first_load_may_take_its_time(void)
{
	struct shinyd shinyd = { 0 };
	struct serving other;
	char *gate, *socket;
	int fd;

	shinyd_prepare(&shinyd);
	gate = g_build_filename(shinyd.dir, "gate", NULL);
	socket = g_strdup_printf("unix://%s/socket", shinyd.dir);
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	g_assert_true(g_file_set_contents(gate, "", -1, NULL));
	shinyd_start(&shinyd,
		     "[server a]\non_load = hang\nplugin = puppet\nlisten = %s\n[server b]\n" ECHO,
		     socket);
	shinyd_await_serving(&shinyd, "b", &other);
	fd = client_connect(socket);
	client_send_text(fd, "nothing");
	g_assert_false(
		client_readable(fd, 1500)); /* more than the second after which it would be */
	g_assert_cmpint(unlink(gate), ==, 0);
	client_expect(fd, "done\n");
	close(fd);
	g_free(socket);
	g_free(gate);
	shinyd_end(&shinyd);
}

static void failed_load_is_no_crash(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\non_load = fail\n" PUPPET "[server b]\n" ECHO);
	shinyd_expect_line(&shinyd, "error: [server a] failed to load: the strings are cut");
	shinyd_await_serving(&shinyd, "b", &serving);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "next worker"));
	shinyd_finish(&shinyd);
}

static void failed_load_of_all_ends(void)
{
	shinyd_expect(1, "nothing is left to serve", NULL, "[server a]\non_load = fail\n" PUPPET);
}

static void stays_down_if_told_to(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, other;
	int fd;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\non_crash = stop\n" PUPPET "[server b]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_await_serving(&shinyd, "b", &other);
	puppet_give_fatal(serving.address, "crash");
	shinyd_expect_line(&shinyd, "[server a] no other worker is started: on_crash = stop");
	fd = client_connect(other.address);
	client_send_text(fd, "tick");
	shinyd_expect_line(&shinyd, "nothing is left to serve");
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 1);
	close(fd);
	shinyd_finish(&shinyd);
}

/* It was whole when shinyd started, and nobody has asked for a reload. */
static void a_damaged_file_is_a_failed_load(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *file, *line;

	shinyd_let_crash();
	shinyd_prepare(&shinyd);
	file = shinyd_plugin_file(shinyd.dir, "mine.so");
	shinyd_copy_file(TEST_PLUGIN_DIR "/puppet.so", file);
	shinyd_start(&shinyd,
		     "[server a]\nplugin = %s\nlisten = tcp://127.0.0.1:0\n[server b]\n" ECHO,
		     file);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_copy_file(TEST_PLUGIN_DIR "/bad-constructor.so", file);
	puppet_give_fatal(serving.address, "crash");
	shinyd_expect_line(&shinyd, "was killed by SIGSEGV (Segmentation fault) in dlopen");
	line = shinyd_await_line(&shinyd, "/mine.so cannot be loaded");
	g_assert_nonnull(strstr(line, "error: [server a] "));
	g_free(line);
	shinyd_expect_line(&shinyd, "[server a] its plugin is loaded again in 30 s");
	shinyd_copy_file(TEST_PLUGIN_DIR "/puppet.so", file);
	child_signal(&shinyd.child, SIGHUP);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_order(serving.address, "nothing");
	g_free(file);
	shinyd_end(&shinyd);
}

static void crash_in_load_is_named(void)
{
	struct shinyd shinyd = { 0 };

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\non_load = crash\n" PUPPET);
	shinyd_expect_line(&shinyd, "was killed by SIGSEGV (Segmentation fault) in load");
	child_signal(&shinyd.child, SIGUSR2);
	shinyd_expect_line(&shinyd, "degraded: a");
	shinyd_expect_line(&shinyd, "was killed by SIGSEGV (Segmentation fault) in load");
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/crash/others-serve-and-it-is-back-within-a-second", restarts_at_once);
	harness_add("/e2e/crash/no-connection-is-refused", refuses_nobody);
	harness_add("/e2e/crash/the-core-is-written", leaves_a_core);
	harness_add("/e2e/crash/every-fatal-signal-is-told", every_fatal_signal_is_told);
	harness_add("/e2e/crash/log-names-callback-and-frames", names_the_callback);
	harness_add("/e2e/crash/log-names-callback-and-frames-after-a-flood",
		    names_the_callback_after_a_flood);
	harness_add("/e2e/crash/names-the-program-in-the-backtrace", names_the_program);
	harness_add("/e2e/crash/a-stuck-backtrace-is-given-up", a_stuck_backtrace_is_given_up);
	harness_add("/e2e/crash/in-a-thread-is-in-no-callback", names_no_callback_for_threads);
	harness_add("/e2e/crash/exit-in-a-plugin-is-one", exit_is_a_crash);
	harness_add("/e2e/crash/a-child-of-a-plugin-s-own-is-none",
		    children_of_a_plugin_are_its_own);
	harness_add("/e2e/crash/children-that-return-end", children_that_return_end);
	harness_add("/e2e/crash/clients-of-a-section-long-down-are-turned-away",
		    turns_clients_away_while_down);
	harness_add("/e2e/crash/in-each-first-tick-is-down-all-along",
		    one_that_dies_in_its_first_tick_is_never_up);
	harness_add("/e2e/crash/clients-are-turned-away-while-the-next-worker-loads",
		    turns_clients_away_while_the_next_one_loads);
	harness_add("/e2e/crash/the-first-load-may-take-its-time",
		    the_first_load_may_take_its_time);
	harness_add("/e2e/crash/in-load-is-named", crash_in_load_is_named);
	harness_add("/e2e/crash/stop-ends-with-1", stays_down_if_told_to);
	harness_add("/e2e/load/a-damaged-file-is-a-failure", a_damaged_file_is_a_failed_load);
	harness_add("/e2e/load/failure-is-told-and-not-tried-again", failed_load_is_no_crash);
	harness_add("/e2e/load/failure-of-all-ends-with-1", failed_load_of_all_ends);
	return harness_run();
}
