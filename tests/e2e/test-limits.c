/* SPDX-License-Identifier: MIT */
/*
 * What a section may use up, and what no log and no folder may do to the service.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"
#define ECHO   "plugin = echo\n" LISTEN

static void memory_has_a_limit(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;
	int fd;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\nmemory = 64M\n" PUPPET "[server b]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_await_serving(&shinyd, "b", &b);
	fd = client_connect(a.address);
	client_send_text(fd, "memory");
	shinyd_expect_line(&shinyd, "was killed by SIGABRT (Aborted) in handle");
	shinyd_expect_line(
		&shinyd,
		"[server a] no other worker is started: it reached its memory limit, memory = 64M");
	close(fd);
	puppet_order(b.address, "nothing");
	fd = client_connect(b.address);
	client_send_text(fd, "tick");
	shinyd_expect_line(&shinyd, "nothing is left to serve");
	close(fd);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 1);
	shinyd_finish(&shinyd);
}

/* It lives, and is looked at as often as it needs, not as its neighbour does. */
static void memory_at_its_limit_is_logged(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;
	char *line, *expected;

	shinyd_start(&shinyd,
		     "[server a]\nmemory = 64M\n" PUPPET "[server b]\nwatchdog = 2s\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_await_serving(&shinyd, "b", &b);
	puppet_order(a.address, "voracious");
	line = shinyd_await_line(&shinyd, "has reached its memory limit");
	expected = g_strdup_printf(
		"shinyd: warning: [server a] worker %d has reached its memory limit, "
		"memory = 64M",
		(int)a.worker);
	g_assert_cmpstr(line, ==, expected);
	puppet_order(a.address, "nothing");
	g_free(expected);
	g_free(line);
	shinyd_end(&shinyd);
}

/* More in one go than is left, while what it has is far from the limit. */
static void memory_may_end_in_one_step(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\nmemory = 64M\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "all at once");
	shinyd_expect_line(
		&shinyd,
		"[server a] no other worker is started: it reached its memory limit, memory = 64M");
	close(fd);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 1);
	shinyd_finish(&shinyd);
}

static void memory_below_it_is_no_matter(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\nmemory = 1G\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "crash");
	shinyd_expect_line(&shinyd, "[server a] the next worker starts in 100 ms");
	shinyd_await_serving(&shinyd, "a", &serving);
	close(fd);
	shinyd_end(&shinyd);
}

static void proxies_tell_who_the_peer_is(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[server a]\nproxy_from = 127.0.0.1\nproxy_from = 192.0.2.0/24\n"
			      "proxy_from = unix\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "PROXY TCP4 192.0.2.7 192.0.2.1 1234 80\r\npeer");
	client_expect(fd, "tcp://192.0.2.7:1234\ndone\n");
	close(fd);
	shinyd_end(&shinyd);
	shinyd_expect(3, "shinyd.ini:2: error: [server a] proxy_from: expected addresses such as",
		      (const char *[]){ "--check", NULL },
		      "[server a]\nproxy_from = 10.0.0.0/99\n" PUPPET);
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) {
		n++;
	}
	return n;
}

static const char *const single[] = { "--single", "a", NULL };

/* As its workers' supervisor, and in the foreground. */
static const char *const *const ways[] = { NULL, single };

static void repeats_are_left_out(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		struct shinyd shinyd = { 0 };
		struct serving serving;

		shinyd_start_with(&shinyd, ways[i], "[server a]\n" PUPPET);
		shinyd_await_serving(&shinyd, "a", &serving);
		puppet_order(serving.address, "repeat");
		puppet_order(serving.address, "log");
		shinyd_expect_line(&shinyd, "pulled?by a string");
		g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
		g_assert_cmpuint(count(shinyd.child.output->str, "cuckoo"), ==, 11);
		shinyd_expect_line(&shinyd, "cuckoo (90 more such lines were left out)");
		shinyd_finish(&shinyd);
	}
}

/* Nobody reads the log: a pipe holds 64 KiB. */
static void a_full_log_stops_nothing(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (int i = 0; i < 3; i++) {
		puppet_order(serving.address, "flood");
	}
	/* The supervisor still does its work. */
	g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
	puppet_order(serving.address, "nothing");
	child_signal(&shinyd.child, SIGTERM);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	shinyd_finish(&shinyd);
}

/* Whoever read the log has gone. */
static void a_gone_log_stops_nothing(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int null;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	g_assert_cmpint(dup3(null, shinyd.child.fd, O_CLOEXEC), ==, shinyd.child.fd);
	close(null);
	g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
	puppet_order(serving.address, "nothing");
	shinyd_end(&shinyd);
}

static void a_full_disk_stops_nothing(void)
{
	struct shinyd shinyd = { 0 };
	char *address;
	int fd;

	shinyd_prepare(&shinyd);
	address = g_strdup_printf("unix://%s/echo", shinyd.dir);
	shinyd_start(&shinyd,
		     "[shinyd]\nlog_target = /dev/full\n[server a]\nplugin = echo\n"
		     "listen = %s\n",
		     address);
	fd = client_connect_soon(address);
	client_expect(fd, "Welcome to the echo server!\n");
	close(fd);
	g_free(address);
	shinyd_end(&shinyd);
}

#define FILE_MAX ((rlim_t)256 * 1024)

static void limit_files(void)
{
	const struct rlimit limit = { FILE_MAX, FILE_MAX };

	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

/* A probe's and a worker's memory are files, too. */
static void no_file_at_all_is_an_error(void)
{
	struct shinyd shinyd = { 0 };
	const char *argv[] = { "sh",
			       "-c",
			       "ulimit -f 0; exec \"$0\" \"$@\" 2>&1",
			       SHINYD,
			       "--check",
			       "--plugin-path=" TEST_PLUGIN_DIR,
			       "-c",
			       NULL /* config */,
			       NULL };
	char *output;

	shinyd_start_with(&shinyd, (const char *[]){ "--check", NULL }, "[server a]\n" PUPPET);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	argv[7] = shinyd.config;
	g_assert_cmpint(child_run(argv, &output), ==, 4);
	g_assert_nonnull(strstr(output, "File too large\n"));
	g_free(output);
	shinyd_finish(&shinyd);
}

static void a_file_at_its_limit_is_an_error(void)
{
	limit_files();
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		struct shinyd shinyd = { 0 };
		struct serving serving;
		int fd;

		shinyd_start_with(&shinyd, ways[i], "[server a]\n" PUPPET);
		shinyd_await_serving(&shinyd, "a", &serving);
		fd = client_connect(serving.address);
		client_send_text(fd, "grow");
		client_expect(fd, "File too large\ndone\n");
		close(fd);
		shinyd_end(&shinyd);
	}
}

static void a_log_at_its_limit_stops_nothing(void)
{
	struct shinyd shinyd = { 0 };
	char *log, *address;
	GStatBuf st;

	limit_files();
	shinyd_prepare(&shinyd);
	log = g_build_filename(shinyd.dir, "log", NULL);
	address = g_strdup_printf("unix://%s/puppet", shinyd.dir);
	shinyd_start(&shinyd,
		     "[shinyd]\nlog_target = %s\n"
		     "[server a]\nplugin = puppet\nlog_rate = 0\nlisten = %s\n",
		     log, address);
	close(client_connect_soon(address));
	do {
		puppet_order(address, "flood");
		g_assert_cmpint(g_stat(log, &st), ==, 0);
	} while (st.st_size < (goffset)FILE_MAX);
	puppet_order(address, "flood");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_free(address);
	g_free(log);
	shinyd_finish(&shinyd);
}

/* A plugin in a folder of the test's own, whose mode is @mode. */
static char *put_plugin(const char *dir, int mode)
{
	char *folder = g_build_filename(dir, "plugins", NULL);
	char *file = g_build_filename(folder, "mine.so", NULL);

	g_assert_cmpint(g_mkdir(folder, 0755), ==, 0);
	shinyd_copy_file(PLUGIN_DIR "/echo.so", file);
	g_assert_cmpint(g_chmod(folder, mode), ==, 0);
	g_free(folder);
	return file;
}

static void distrusts_folders_for_all(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *file;

	shinyd_prepare(&shinyd);
	file = put_plugin(shinyd.dir, 0777);
	shinyd_start(&shinyd, "[server a]\nplugin = %s\n" LISTEN, file);
	shinyd_expect_line(&shinyd, "everybody may write to ");
	if (getuid() == 0) {
		g_assert_cmpint(shinyd_wait(&shinyd), ==, 4);
	} else {
		shinyd_await_serving(&shinyd, "a", &serving);
		g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	}
	g_free(file);
	shinyd_finish(&shinyd);
}

/* Whoever looks is told what whoever serves is. */
static void check_tells_of_distrust(void)
{
	char *dir = harness_make_dir();
	char *file = put_plugin(dir, 0777);

	shinyd_expect(getuid() == 0 ? 4 : 0, "everybody may write to ",
		      (const char *[]){ "--check", NULL }, "[server a]\nplugin = %s\n" LISTEN,
		      file);
	g_free(file);
	harness_remove_dir(dir);
}

static void root_does_not_look_into_them(void)
{
	char *dir, *file, *folders;

	if (getuid() != 0) {
		harness_skip("needs root");
	}
	shinyd_let_crash();
	dir = harness_make_dir();
	file = put_plugin(dir, 0777);
	folders = g_strdup_printf("--plugin-path=%s/plugins", dir);
	shinyd_expect(4, "everybody may write to ", (const char *[]){ "--describe", file, NULL },
		      "%s", "");
	shinyd_expect(0, "mine.so: everybody may write to ",
		      (const char *[]){ "--list-plugins", folders, NULL }, "%s", "");
	g_free(folders);
	g_free(file);
	harness_remove_dir(dir);
}

static void trusts_sticky_folders(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *file;

	shinyd_prepare(&shinyd);
	file = put_plugin(shinyd.dir, 01777);
	shinyd_start(&shinyd, "[server a]\nplugin = %s\n" LISTEN, file);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "everybody"));
	g_free(file);
	shinyd_finish(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/limits/memory-ends-at-its-limit-without-a-loop", memory_has_a_limit);
	harness_add("/e2e/limits/memory-at-its-limit-is-logged", memory_at_its_limit_is_logged);
	harness_add("/e2e/limits/memory-may-end-in-one-step", memory_may_end_in_one_step);
	harness_add("/e2e/limits/memory-below-it-is-no-matter", memory_below_it_is_no_matter);
	harness_add("/e2e/limits/trusted-proxies-name-the-peer", proxies_tell_who_the_peer_is);
	harness_add("/e2e/log/repeats-are-left-out-and-counted", repeats_are_left_out);
	harness_add("/e2e/log/nobody-reading-stops-nothing", a_full_log_stops_nothing);
	harness_add("/e2e/log/nobody-there-stops-nothing", a_gone_log_stops_nothing);
	harness_add("/e2e/log/a-full-disk-stops-nothing", a_full_disk_stops_nothing);
	harness_add("/e2e/log/a-file-at-its-limit-stops-nothing", a_log_at_its_limit_stops_nothing);
	harness_add("/e2e/limits/a-file-at-its-limit-is-an-error", a_file_at_its_limit_is_an_error);
	harness_add("/e2e/limits/no-file-at-all-is-an-error", no_file_at_all_is_an_error);
	harness_add("/e2e/trust/a-folder-for-everybody-is-named", distrusts_folders_for_all);
	harness_add("/e2e/trust/check-names-it-too", check_tells_of_distrust);
	harness_add("/e2e/trust/root-looks-into-no-such-plugin", root_does_not_look_into_them);
	harness_add("/e2e/trust/a-sticky-folder-passes", trusts_sticky_folders);
	return harness_run();
}
