/* SPDX-License-Identifier: MIT */
/*
 * Workers that nobody told to end: when the next one starts, and who reaps what they leave.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROGUE	    "plugin = rogue\nlisten = tcp://127.0.0.1:0\n"

#define RETRY_S	    30
#define OTHER_GROUP 4711

static void expect_pauses(struct shinyd *shinyd)
{
	shinyd_expect_line(shinyd, "[server a] the next worker starts in 100 ms");
	shinyd_expect_line(shinyd, "[server a] the next worker starts in 200 ms");
	shinyd_expect_line(shinyd, "[server a] the next worker starts in 400 ms");
}

static void expect_signal(struct shinyd *shinyd)
{
	char *line = shinyd_await_line(shinyd, "ended by ");

	if (!g_str_has_prefix(line, "shinyd: warning: [server a] worker ") ||
	    !g_str_has_suffix(line, " ended by SIGTERM, which shinyd did not send")) {
		harness_fail("not what was expected: %s", line);
	}
	g_free(line);
}

static void a_signal_of_its_own_in_load(void)
{
	struct shinyd shinyd = { 0 };

	shinyd_start(&shinyd, "[server a]\non_load = terminate\n" ROGUE);
	expect_signal(&shinyd);
	expect_pauses(&shinyd);
	shinyd_end(&shinyd);
}

static void a_signal_of_its_own_in_handle(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\n" ROGUE);
	for (int i = 0; i < 3; i++) {
		shinyd_await_serving(&shinyd, "a", &serving);
		puppet_give_fatal(serving.address, "terminate");
		expect_signal(&shinyd);
	}
	expect_pauses(&shinyd);
	shinyd_end(&shinyd);
}

/* A section "a" that has served, whose plugin cannot be loaded any more until @needed is there. */
static void lose_what_it_needs(struct shinyd *shinyd, const char *needed)
{
	struct serving serving;

	g_assert_true(g_file_set_contents(needed, "", -1, NULL));
	shinyd_let_crash();
	shinyd_start(shinyd, "[shinyd]\nstatus_socket = %s/status\n[server a]\nneeds = %s\n" ROGUE,
		     shinyd->dir, needed);
	shinyd_await_serving(shinyd, "a", &serving);
	puppet_order(serving.address, "nothing"); /* so it is beyond its first tick */
	g_assert_cmpint(unlink(needed), ==, 0);
	g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
	shinyd_expect_line(shinyd, "[server a] failed to load: ");
	shinyd_expect_line(shinyd, "[server a] its plugin is loaded again in 30 s");
}

static void expect_status(const struct shinyd *shinyd, const char *wanted)
{
	const char *const argv[] = { SHINYD, "--status", "-c", shinyd->config, NULL };
	char *report;

	g_assert_cmpint(child_run(argv, &report), ==, 0);
	if (strstr(report, wanted) == NULL) {
		harness_fail("no \"%s\" in:\n%s", wanted, report);
	}
	g_free(report);
}

/* Until its worker is beyond its first tick clients of a section that was down are turned away. */
static void await_service(const char *address)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	char reply[8] = "";

	while (*reply == '\0') {
		int fd = client_connect(address);

		client_send_some(fd, "nothing", strlen("nothing"));
		if (read(fd, reply, sizeof(reply) - 1) <= 0 && g_get_monotonic_time() > end) {
			harness_fail("not served");
		}
		close(fd);
	}
	g_assert_cmpstr(reply, ==, "done\n");
}

static void what_served_is_loaded_again(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *needed;

	shinyd_prepare(&shinyd);
	needed = g_build_filename(shinyd.dir, "needed", NULL);
	lose_what_it_needs(&shinyd, needed);
	expect_status(&shinyd, ": degraded: a (failed to load); ");
	expect_status(&shinyd, "  worker: failed to load, is loaded again in ");
	g_assert_true(g_file_set_contents(needed, "", -1, NULL));
	g_usleep((RETRY_S - 10) * G_USEC_PER_SEC); /* the harness waits for the rest */
	shinyd_await_serving(&shinyd, "a", &serving);
	await_service(serving.address);
	g_free(needed);
	shinyd_end(&shinyd);
}

static void a_reload_loads_it_at_once(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *needed;

	shinyd_prepare(&shinyd);
	needed = g_build_filename(shinyd.dir, "needed", NULL);
	lose_what_it_needs(&shinyd, needed);
	g_assert_true(g_file_set_contents(needed, "", -1, NULL));
	child_signal(&shinyd.child, SIGHUP);
	shinyd_await_serving(&shinyd, "a", &serving);
	await_service(serving.address);
	g_free(needed);
	shinyd_end(&shinyd);
}

static void await_gone(pid_t pid)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;

	while (kill(pid, 0) == 0) {
		if (g_get_monotonic_time() > end) {
			harness_fail("%d was not reaped", (int)pid);
		}
		g_usleep(1000);
	}
	g_assert_cmpint(errno, ==, ESRCH);
}

static void orphans_are_reaped(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, again;

	shinyd_let_crash();
	shinyd_launch_by(SUBREAPER);
	shinyd_start(&shinyd, "[server a]\n" ROGUE);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (int i = 0; i < 3; i++) {
		int fd = puppet_give(serving.address, "orphan");
		char *line = client_receive_line(fd);

		await_gone(atoi(line));
		g_free(line);
		close(fd);
	}
	/* Its own children are still judged by how they end. */
	g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
	shinyd_expect_line(&shinyd, "(rogue 1.0) was killed by SIGSEGV (Segmentation fault)");
	shinyd_await_serving(&shinyd, "a", &again);
	child_signal(&shinyd.child, SIGHUP);
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	shinyd_end(&shinyd);
}

static pid_t leave_daemon(const struct serving *serving)
{
	int fd = puppet_give(serving->address, "leave a daemon");
	char *line = client_receive_line(fd);
	pid_t pid = atoi(line);

	g_assert_cmpint(kill(pid, 0), ==, 0);
	g_free(line);
	close(fd);
	return pid;
}

/* A session of its own does not save it. Another section's is none of the crash's business. */
static void a_crash_leaves_no_process(void)
{
	struct shinyd shinyd = { 0 };
	struct serving one, other;
	pid_t left, kept;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" ROGUE "[server b]\n" ROGUE);
	shinyd_await_serving(&shinyd, "a", &one);
	shinyd_await_serving(&shinyd, "b", &other);
	left = leave_daemon(&one);
	kept = leave_daemon(&other);
	g_assert_cmpint(kill(one.worker, SIGSEGV), ==, 0);
	shinyd_expect_line(&shinyd, "1 process that plugins left behind was killed");
	await_gone(left);
	g_assert_cmpint(kill(kept, 0), ==, 0);
	shinyd_end(&shinyd);
	await_gone(kept);
}

static void a_stop_leaves_no_process(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	pid_t left[3];

	shinyd_start(&shinyd, "[server a]\n" ROGUE);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (size_t i = 0; i < G_N_ELEMENTS(left); i++) {
		left[i] = leave_daemon(&serving);
	}
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(left); i++) {
		g_assert_cmpint(kill(left[i], 0), ==, -1);
	}
	shinyd_expect_line(&shinyd, "3 processes that plugins left behind were killed");
	shinyd_finish(&shinyd);
}

static void a_worker_cannot_signal_the_supervisor(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	if (!HAVE_SECCOMP) {
		harness_skip("built without libseccomp");
	}
	shinyd_start(&shinyd, "[server a]\n" ROGUE);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "kill", "Operation not permitted\ndone\n");
	shinyd_end(&shinyd);
}

/* What the kernel has of such a process belongs to root, whoever runs it. */
static void the_supervisor_is_not_dumpable(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct stat status;
	char *path;

	if (harness_sanitized()) {
		harness_skip("the leak check traces it");
	}
	if (geteuid() == 0) {
		g_assert_cmpint(setresgid(OTHER_GROUP, OTHER_GROUP, OTHER_GROUP), ==, 0);
	}
	shinyd_start(&shinyd, "[server a]\n" ROGUE);
	shinyd_await_serving(&shinyd, "a", &serving);
	path = g_strdup_printf("/proc/%d/mem", (int)shinyd.child.pid);
	g_assert_cmpint(stat(path, &status), ==, 0);
	g_assert_cmpuint(status.st_uid, ==, 0);
	g_assert_cmpuint(status.st_gid, ==, 0);
	g_free(path);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/restart/after-its-own-sigterm-in-load-there-is-a-pause",
		    a_signal_of_its_own_in_load);
	harness_add("/e2e/restart/after-its-own-sigterm-in-handle-there-is-a-pause",
		    a_signal_of_its_own_in_handle);
	harness_add_slow("/e2e/restart/what-has-served-is-loaded-again-after-30-s",
			 what_served_is_loaded_again, 90);
	harness_add("/e2e/restart/a-reload-loads-it-at-once", a_reload_loads_it_at_once);
	harness_add("/e2e/restart/orphans-are-reaped", orphans_are_reaped);
	harness_add("/e2e/restart/a-crash-leaves-no-process", a_crash_leaves_no_process);
	harness_add("/e2e/restart/a-stop-leaves-no-process", a_stop_leaves_no_process);
	harness_add("/e2e/restart/a-worker-cannot-signal-the-supervisor",
		    a_worker_cannot_signal_the_supervisor);
	harness_add("/e2e/restart/the-supervisor-is-not-dumpable", the_supervisor_is_not_dumpable);
	return harness_run();
}
