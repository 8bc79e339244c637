/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP: what is wrong is kept out, what is right is served, and no client notices.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"
#define ECHO   "plugin = echo\n" LISTEN
#define HELLO  "Welcome to the echo server!\n"

static void wrong_is_kept_out(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, "[server a]\nmaxcon = 5\nworkers = 0\nplugin = puppet\n" LISTEN
			       "[server b]\nplugin = ecko\n" LISTEN);
	shinyd_expect_line(&shinyd, "shinyd.ini:2: error: [server a] unknown key 'maxcon'");
	shinyd_expect_line(&shinyd, "shinyd.ini:3: error: [server a] workers: must be at least 1");
	shinyd_expect_line(&shinyd, "shinyd.ini:7: error: [server b] there is no plugin 'ecko'");
	shinyd_expect_line(&shinyd, "the configuration is wrong; the old one is still served");
	client_exchange(serving.address, "nothing", "done\n");
	g_assert_cmpint(kill(serving.worker, 0), ==, 0);
	shinyd_end(&shinyd);
}

static void crashing_plugins_are_kept_out(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_let_crash();
	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd,
		      "[server a]\n" PUPPET "[server b]\nplugin = bad-constructor\n" LISTEN);
	shinyd_expect_line(&shinyd, "the process that loaded and checked it was killed by SIGSEGV");
	shinyd_expect_line(&shinyd, "the old one is still served");
	client_exchange(serving.address, "nothing", "done\n");
	shinyd_end(&shinyd);
}

/* Until that process has ended, and its parent has not looked. */
static void await_zombie(pid_t pid)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	char *path = g_strdup_printf("/proc/%d/stat", (int)pid), *text = NULL;

	do {
		g_free(text);
		g_usleep(1000);
		if (!g_file_get_contents(path, &text, NULL, NULL) || g_get_monotonic_time() > end) {
			harness_fail("%s says: %s", path, text);
		}
	} while (strstr(text, ") Z ") == NULL);
	g_free(text);
	g_free(path);
}

/* The supervisor does not see it serve: it hears in one go that a worker was ready and is gone. */
static void successors_may_end_at_once(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *gate, *line;
	int worker;

	shinyd_prepare(&shinyd);
	gate = g_build_filename(shinyd.dir, "gate", NULL);
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	g_assert_true(g_file_set_contents(gate, "", -1, NULL));
	shinyd_start(&shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, "[server a]\non_load = end\n" PUPPET);
	line = shinyd_await_line(&shinyd, "is going to end");
	g_assert_cmpint(sscanf(strstr(line, "process "), "process %d", &worker), ==, 1);
	child_signal(&shinyd.child, SIGSTOP);
	g_assert_cmpint(unlink(gate), ==, 0);
	await_zombie(worker);
	child_signal(&shinyd.child, SIGCONT);
	shinyd_expect_line(&shinyd, "[server a] was ended by its plugin");
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	g_free(line);
	g_free(gate);
	shinyd_finish(&shinyd);
}

/* A SIGHUP that comes while shinyd still looks at its plugins is heeded once it serves. */
static void one_that_comes_early_waits(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *gate, *entered;

	shinyd_prepare(&shinyd);
	gate = g_build_filename(shinyd.dir, "gate", NULL);
	entered = g_strconcat(gate, ".entered", NULL);
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	shinyd_start(&shinyd, "[server a]\nplugin = slow-constructor\n" LISTEN);
	for (int i = 0; i < HARNESS_PATIENCE_MS / 10 && access(entered, F_OK) < 0; i++) {
		g_usleep(10000);
	}
	child_signal(&shinyd.child, SIGHUP);
	g_assert_true(g_file_set_contents(gate, "", -1, NULL));
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	shinyd_end(&shinyd);
	g_free(entered);
	g_free(gate);
}

static void live_keys_replace_nobody(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[shinyd]\nlog_level = error\n[server a]\n" PUPPET
			      "[server b]\n" PUPPET "on_load = fail\n");
	shinyd_expect_line(&shinyd, "[server b] failed to load");
	shinyd_reload(&shinyd, "[shinyd]\nlog_level = info\n[server a]\n" PUPPET "watchdog = 1h\n");
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	/* The worker follows the level too. */
	shinyd_reload(&shinyd, "[shinyd]\nlog_level = info\n[server a]\n" PUPPET "workers = 2\n");
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload_well(&shinyd,
			   "[shinyd]\nlog_level = error\n[server a]\n" PUPPET "workers = 2\n");
	shinyd_reload(&shinyd, "[shinyd]\n[server a]\n" PUPPET "workers = 2\n");
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	fd = client_connect(serving.address);
	client_send_text(fd, "log");
	client_expect(fd, "done\n");
	shinyd_expect_line(&shinyd, "[server a] pulled?by a string");
	close(fd);
	shinyd_end(&shinyd);
}

/* None of these has a worker replaced, and each is in effect at once. */
static void live_keys_of_the_end_apply(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *config, *file;
	int fd;

	shinyd_let_crash();
	shinyd_prepare(&shinyd);
	file = g_build_filename(shinyd.dir, "status", NULL);
	config = g_strdup_printf("[shinyd]\ndrain_timeout = 100ms\nstatus_socket = %s\n"
				 "[server a]\non_crash = stop\n" PUPPET "[server b]\n" PUPPET,
				 file);
	shinyd_start(&shinyd,
		     "[shinyd]\ndrain_timeout = 1h\n[server a]\n" PUPPET "[server b]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload_well(&shinyd, config);
	g_assert_true(g_file_test(file, G_FILE_TEST_EXISTS));
	puppet_give_fatal(serving.address, "crash");
	shinyd_expect_line(&shinyd, "[server a] no other worker is started: on_crash = stop");
	shinyd_await_serving(&shinyd, "b", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "hold");
	client_expect(fd, "done\n");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	client_expect_reset(fd);
	close(fd);
	g_free(config);
	g_free(file);
	shinyd_finish(&shinyd);
}

static void a_wrong_include_is_kept_out(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *file;

	shinyd_prepare(&shinyd);
	file = g_build_filename(shinyd.dir, "b.conf", NULL);
	g_assert_true(g_file_set_contents(file, "[server b]\n" ECHO, -1, NULL));
	shinyd_start(&shinyd, "[shinyd]\ninclude = *.conf\n[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "b", &serving);
	g_assert_true(g_file_set_contents(file, "[server b]\nmaxcon = 1\n" ECHO, -1, NULL));
	child_signal(&shinyd.child, SIGHUP);
	shinyd_expect_line(&shinyd, "b.conf:2: error: [server b] unknown key 'maxcon'");
	shinyd_expect_line(&shinyd, "the old one is still served");
	client_exchange(serving.address, "x\n", HELLO);
	g_free(file);
	shinyd_end(&shinyd);
}

static void write_secret(const char *file, const char *secret)
{
	g_assert_true(
		g_file_set_contents_full(file, secret, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* What root alone may read is read before workers become somebody else. */
static void a_new_secret_is_taken(void)
{
	const char *user = getuid() == 0 ? "[shinyd]\nuser = nobody\n" : "";
	struct shinyd shinyd = { 0 };
	struct serving before, after;
	char *file, *config;

	if (getuid() == 0) {
		shinyd_need_nobody();
	}
	shinyd_prepare(&shinyd);
	file = g_build_filename(shinyd.dir, "secret", NULL);
	config = g_strdup_printf("%s[server a]\nplugin = redis-lite\non_reload = replace\n"
				 "requirepass = @%s\n" LISTEN,
				 user, file);
	write_secret(file, "old\n");
	shinyd_start(&shinyd, "%s", config);
	shinyd_await_serving(&shinyd, "a", &before);
	client_exchange(before.address, "AUTH old\r\n", "+OK\r\n");
	write_secret(file, "new\n");
	shinyd_reload(&shinyd, config);
	shinyd_await_end(&shinyd, &before);
	shinyd_await_serving(&shinyd, "a", &after);
	client_exchange(after.address, "AUTH old\r\n", "-WRONGPASS ");
	client_exchange(after.address, "AUTH new\r\n", "+OK\r\n");
	g_free(config);
	g_free(file);
	shinyd_end(&shinyd);
}

static void only_what_changed_is_replaced(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b, again;
	int fd;

	shinyd_start(&shinyd, "[server a]\n" PUPPET "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_await_serving(&shinyd, "b", &b);
	fd = client_connect(a.address);
	client_send_text(fd, "nothing");
	client_expect(fd, "done\n");
	shinyd_reload(&shinyd, "[server b]\n" ECHO "[server a]\nidle_timeout = 1h\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &again);
	g_assert_cmpstr(again.address, ==, a.address);
	g_assert_cmpint(again.worker, !=, a.worker);
	client_expect_end(fd); /* in order */
	close(fd);
	client_exchange(a.address, "nothing", "done\n");
	g_assert_cmpint(kill(b.worker, 0), ==, 0);
	shinyd_end(&shinyd);
}

static void sections_come_and_go(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;

	shinyd_start(&shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_reload_well(&shinyd, "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "b", &b);
	shinyd_await_end(&shinyd, &a);
	g_assert_cmpint(client_try_connect(a.address), ==, -ECONNREFUSED);
	client_exchange(b.address, "x\n", HELLO);
	shinyd_end(&shinyd);
}

/* A worker that is about to go may end a connection before it has read of it, but in order. */
static bool is_greeted(const char *address)
{
	char reply[sizeof(HELLO)] = "";
	int fd = client_connect(address);

	client_send_some(fd, "nothing", strlen("nothing"));
	g_assert_cmpint(recv(fd, reply, sizeof(reply) - 1, 0), >=, 0);
	close(fd);
	return strcmp(reply, HELLO) == 0;
}

/* Signals that come while one is heeded are heeded together; the last file counts. */
static void a_storm_ends_with_the_last_one(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (int i = 1; i <= 30; i++) {
		char *config = g_strdup_printf("[server a]\nidle_timeout = %dh\n" PUPPET, i);

		shinyd_reload(&shinyd, config);
		g_assert_false(is_greeted(serving.address));
		g_free(config);
	}
	shinyd_reload(&shinyd, "[server a]\n" ECHO);
	shinyd_expect_line(&shinyd, " with echo ");
	while (!is_greeted(serving.address)) {
		g_usleep(1000); /* the one before it still drains */
	}
	shinyd_end(&shinyd);
}

static void a_new_plugin_file_is_taken(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, again;
	char *file, *config;

	shinyd_prepare(&shinyd);
	file = shinyd_plugin_file(shinyd.dir, "mine.so");
	config = g_strdup_printf("[server a]\nplugin = %s\n" LISTEN, file);
	shinyd_copy_file(PLUGIN_DIR "/echo.so", file);
	shinyd_start(&shinyd, "%s", config);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_copy_file(TEST_PLUGIN_DIR "/puppet.so", file);
	shinyd_reload(&shinyd, config);
	shinyd_await_serving(&shinyd, "a", &again);
	g_assert_cmpstr(again.address, ==, serving.address);
	shinyd_await_end(&shinyd, &serving);
	client_exchange(again.address, "nothing", "done\n");
	/* One that is cut short is kept out. */
	g_assert_true(g_file_set_contents(file, "\177ELF", 4, NULL));
	shinyd_reload(&shinyd, config);
	shinyd_expect_line(&shinyd, "mine.so: is truncated");
	client_exchange(again.address, "nothing", "done\n");
	g_free(config);
	g_free(file);
	shinyd_end(&shinyd);
}

/* Until that file is there and has @wanted in it. */
static void await_text(const char *file, const char *wanted)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	char *text = NULL;

	while (!g_file_get_contents(file, &text, NULL, NULL) || strstr(text, wanted) == NULL) {
		if (g_get_monotonic_time() > end) {
			harness_fail("no \"%s\" in %s", wanted, file);
		}
		g_free(text);
		text = NULL;
		g_usleep(1000);
	}
	g_free(text);
}

static void the_log_is_opened_again(void)
{
	struct shinyd shinyd = { 0 };
	char *log, *old, *config, *text;

	shinyd_prepare(&shinyd);
	log = g_build_filename(shinyd.dir, "log", NULL);
	old = g_build_filename(shinyd.dir, "log.1", NULL);
	config = g_strdup_printf("[shinyd]\nlog_target = %s\n[server a]\n" ECHO, log);
	shinyd_start(&shinyd, "%s", config);
	await_text(log, "serves");
	g_assert_cmpint(g_rename(log, old), ==, 0);
	child_signal(&shinyd.child, SIGUSR1);
	await_text(log, "");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
	g_assert_nonnull(strstr(text, "stopping"));
	g_free(text);
	g_free(config);
	g_free(old);
	g_free(log);
	shinyd_finish(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/reload/wrong-is-told-by-line-and-kept-out", wrong_is_kept_out);
	harness_add("/e2e/reload/a-crashing-plugin-is-kept-out", crashing_plugins_are_kept_out);
	harness_add("/e2e/reload/a-successor-may-end-at-once", successors_may_end_at_once);
	harness_add("/e2e/reload/one-that-comes-early-waits", one_that_comes_early_waits);
	harness_add("/e2e/reload/live-keys-apply-in-place", live_keys_replace_nobody);
	harness_add("/e2e/reload/live-keys-of-the-end-apply-in-place", live_keys_of_the_end_apply);
	harness_add("/e2e/reload/a-wrong-include-is-kept-out", a_wrong_include_is_kept_out);
	harness_add("/e2e/reload/a-new-secret-is-taken", a_new_secret_is_taken);
	harness_add("/e2e/reload/only-what-changed-is-replaced", only_what_changed_is_replaced);
	harness_add("/e2e/reload/sections-come-and-go", sections_come_and_go);
	harness_add_slow("/e2e/reload/a-storm-ends-with-the-last-one",
			 a_storm_ends_with_the_last_one, 60);
	harness_add("/e2e/reload/a-new-plugin-file-is-taken", a_new_plugin_file_is_taken);
	harness_add("/e2e/reload/sigusr1-opens-the-log-again", the_log_is_opened_again);
	return harness_run();
}
