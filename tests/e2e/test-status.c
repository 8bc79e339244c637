/* SPDX-License-Identifier: MIT */
/*
 * What a shinyd that runs tells of itself.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ECHO "plugin = echo\nlisten = tcp://127.0.0.1:0\n"

static void start(struct shinyd *shinyd, const char *sections)
{
	shinyd_prepare(shinyd);
	shinyd_start(shinyd, "[shinyd]\nstatus_socket = %s/status\n%s", shinyd->dir, sections);
}

/* For g_free(). */
static char *ask(const struct shinyd *shinyd)
{
	const char *const argv[] = { SHINYD, "--status", "-c", shinyd->config, NULL };
	char *output;

	g_assert_cmpint(child_run(argv, &output), ==, 0);
	return output;
}

static void expect_in(const char *text, const char *wanted)
{
	if (strstr(text, wanted) == NULL) {
		harness_fail("no \"%s\" in:\n%s", wanted, text);
	}
}

static void tells_what_runs(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;
	char *report, *worker, *first;
	int fd;

	start(&shinyd, "[server a]\n" PUPPET "[server b]\nidle_timeout = 5m\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_await_serving(&shinyd, "b", &b);
	fd = client_connect(a.address);
	client_send_text(fd, "nothing");
	client_expect(fd, "done\n");
	report = ask(&shinyd);
	first = g_strdup_printf(", pid %d, %s: 2 sections, 1 connection\n", (int)shinyd.child.pid,
				shinyd.config);
	expect_in(report, first);
	g_free(first);
	expect_in(report,
		  "\nserver a\n  plugin: puppet 0.9, ABI 1, " TEST_PLUGIN_DIR "/puppet.so\n");
	worker = g_strdup_printf("  worker: serving, pid %d, up ", (int)a.worker);
	expect_in(report, worker);
	expect_in(report, "\n  state: serving\n");
	expect_in(report, " s, restarts 0, connections 1, accepted 1, shed 0, refused 0\n");
	expect_in(report, "\non_load = nothing ");
	expect_in(report, "\nidle_timeout = 5m ");
	g_free(worker);
	g_free(report);
	close(fd);
	shinyd_end(&shinyd);
}

static void counts_restarts(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *report;

	shinyd_let_crash();
	start(&shinyd, "[server a]\n" PUPPET "[server b]\non_load = fail\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
	shinyd_await_serving(&shinyd, "a", &serving);
	report = ask(&shinyd);
	expect_in(report, "degraded: b (failed); ");
	expect_in(report, "  worker: failed, restarts 0,");
	expect_in(report, " s, restarts 1, connections 0,");
	g_free(report);
	shinyd_end(&shinyd);
}

static void shows_what_can_be_had(void)
{
	const struct rlimit limit = { 200, 200 };
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *report;

	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	start(&shinyd, "[server a]\nmax_connections = 10000\n" PUPPET);
	shinyd_expect_line(&shinyd, "max_connections is lowered from 10000 to 136");
	shinyd_await_serving(&shinyd, "a", &serving);
	report = ask(&shinyd);
	expect_in(report, "\nmax_connections = 136                    ; /");
	expect_in(report, "shinyd.ini:4 (10000; 200 descriptors allow no more)\n");
	g_free(report);
	shinyd_end(&shinyd);
}

/* A service manager sets a low soft limit for those who use select(2). */
static void may_have_what_the_hard_limit_allows(void)
{
	const struct rlimit limit = { 100, 200 };
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *report;

	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	report = ask(&shinyd);
	expect_in(report, "\nmax_connections = 136 ");
	g_free(report);
	shinyd_end(&shinyd);
}

/* More than a socket usually takes at once. */
static void a_long_report_comes_whole(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	GString *config = g_string_new(NULL);
	char *report;

	shinyd_prepare(&shinyd);
	g_string_printf(config, "[shinyd]\nstatus_socket = %s/status\n", shinyd.dir);
	for (int i = 0; i < 3000; i++) {
		g_string_append_printf(config, "include = none-%d*.ini\n", i);
	}
	shinyd_start(&shinyd, "%s[server a]\n" PUPPET, config->str);
	shinyd_await_serving(&shinyd, "a", &serving);
	report = ask(&shinyd);
	g_assert_cmpuint(strlen(report), >, 220000);
	g_assert_true(g_str_has_suffix(report, "\n; password is not set\n"));
	g_free(report);
	g_string_free(config, TRUE);
	shinyd_end(&shinyd);
}

static void goes_into_the_log(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	child_signal(&shinyd.child, SIGUSR2);
	shinyd_expect_line(&shinyd, "  worker: serving, pid ");
	shinyd_expect_line(&shinyd, "on_check = nothing ");
	shinyd_end(&shinyd);
}

static void missing_socket_is_told(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[shinyd]\nstatus_socket = /nowhere/status\n[server a]\n" PUPPET);
	shinyd_expect_line(&shinyd, "warning: status_socket: cannot listen at /nowhere/status: No");
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_end(&shinyd);
}

static void tells_no_control_characters(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *file, *report;

	shinyd_prepare(&shinyd);
	file = shinyd_plugin_file(shinyd.dir, "\x1b[31m.so");
	g_assert_cmpint(symlink(TEST_PLUGIN_DIR "/escapes.so", file), ==, 0);
	shinyd_start(&shinyd,
		     "[shinyd]\nstatus_socket = %s/status\n"
		     "[server a]\nplugin = %s\nlisten = tcp://127.0.0.1:0\n",
		     shinyd.dir, file);
	shinyd_await_serving(&shinyd, "a", &serving);
	report = ask(&shinyd);
	expect_in(report, "  plugin: escapes 1?[31m???, ABI 1, /");
	expect_in(report, "/?[31m.so\n");
	g_free(report);
	g_free(file);
	shinyd_end(&shinyd);
}

static void nobody_to_ask_is_1(void)
{
	struct shinyd shinyd = { 0 };
	char *option, *text;

	shinyd_prepare(&shinyd);
	option = g_strdup_printf("shinyd.status_socket=%s/none", shinyd.dir);
	text = g_strdup_printf("cannot reach status_socket = %s/none: No such file", shinyd.dir);
	shinyd_expect(1, text, (const char *[]){ "--status", "-o", option, NULL }, "%s", "");
	g_free(text);
	g_free(option);
	harness_remove_dir(shinyd.dir);
	g_free(shinyd.config);
}

static void another_one_at_the_socket_is_told(void)
{
	struct shinyd shinyd = { 0 }, second = { 0 };
	struct serving serving;

	start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_start(&second, "[shinyd]\nstatus_socket = %s/status\n[server b]\n" PUPPET,
		     shinyd.dir);
	shinyd_expect_line(&second, "warning: status_socket: cannot listen at ");
	shinyd_await_serving(&second, "b", &serving);
	shinyd_end(&second);
	g_free(ask(&shinyd));
	shinyd_end(&shinyd);
}

/* A shinyd of whose report not all had room. */
static gpointer answer_half(gpointer data)
{
	int fd = accept(GPOINTER_TO_INT(data), NULL, NULL);

	client_send_text(fd, "shinyd, and th");
	close(fd);
	return NULL;
}

static void a_report_that_is_cut_off_is_1(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char *dir = harness_make_dir();
	char *option = g_strdup_printf("shinyd.status_socket=%s/status", dir);
	GThread *thread;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_snprintf(address.sun_path, sizeof(address.sun_path), "%s/status", dir);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(fd, 1), ==, 0);
	thread = g_thread_new("half", answer_half, GINT_TO_POINTER(fd));
	shinyd_expect(1, "its reply is incomplete\n",
		      (const char *[]){ "--status", "-o", option, NULL }, "%s", "");
	g_thread_join(thread);
	close(fd);
	g_free(option);
	harness_remove_dir(dir);
}

static void others_may_not_ask(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *address;

	if (getuid() != 0) {
		harness_skip("needs root");
	}
	start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	address = g_strdup_printf("unix://%s/status", shinyd.dir);
	g_assert_cmpint(chmod(shinyd.dir, 0755), ==, 0);
	g_assert_cmpint(seteuid(65534), ==, 0);
	g_assert_cmpint(client_try_connect(address), ==, -EACCES);
	g_assert_cmpint(seteuid(0), ==, 0);
	g_free(ask(&shinyd));
	g_free(address);
	shinyd_end(&shinyd);
}

static void an_asker_who_does_not_read_holds_nobody_up(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *address;
	int fds[8];

	start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	address = g_strdup_printf("unix://%s/status", shinyd.dir);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = client_connect(address);
	}
	g_free(ask(&shinyd));
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		close(fds[i]);
	}
	g_free(address);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/status/tells-what-runs", tells_what_runs);
	harness_add("/e2e/status/counts-restarts", counts_restarts);
	harness_add("/e2e/status/shows-what-can-be-had", shows_what_can_be_had);
	harness_add("/e2e/status/descriptors-are-what-the-hard-limit-allows",
		    may_have_what_the_hard_limit_allows);
	harness_add("/e2e/status/a-long-report-comes-whole", a_long_report_comes_whole);
	harness_add("/e2e/status/goes-into-the-log-at-sigusr2", goes_into_the_log);
	harness_add("/e2e/status/a-socket-that-cannot-be-made-is-told", missing_socket_is_told);
	harness_add("/e2e/status/another-shinyd-at-the-socket-is-told",
		    another_one_at_the_socket_is_told);
	harness_add("/e2e/status/a-report-that-is-cut-off-is-1", a_report_that_is_cut_off_is_1);
	harness_add("/e2e/status/others-may-not-ask", others_may_not_ask);
	harness_add("/e2e/status/nobody-to-ask-is-1", nobody_to_ask_is_1);
	harness_add("/e2e/status/an-idle-asker-holds-nobody-up",
		    an_asker_who_does_not_read_holds_nobody_up);
	harness_add("/e2e/status/no-control-characters", tells_no_control_characters);
	return harness_run();
}
