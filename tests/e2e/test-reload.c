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
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"
#define ECHO   "plugin = echo\n" LISTEN
#define HELLO  "Welcome to the echo server!\n"

static void reload_well(struct shinyd *shinyd, const char *config)
{
	shinyd_reload(shinyd, config);
	shinyd_expect_line(shinyd, "the configuration was reloaded");
}

/* Until the old worker has ended it, too, takes connections. */
static void await_end(struct shinyd *shinyd, const struct serving *serving)
{
	char *text = g_strdup_printf("worker %d ended", (int)serving->worker);

	shinyd_expect_line(shinyd, text);
	g_free(text);
}

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

/* The supervisor does not see it serve: it hears all at once that the worker was ready and is gone. */
static void successors_may_end_at_once(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, "[server a]\non_load = end\n" PUPPET);
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	g_usleep(G_USEC_PER_SEC / 4); /* it is being loaded now, for a second */
	child_signal(&shinyd.child, SIGSTOP);
	g_usleep(3 * G_USEC_PER_SEC / 2);
	child_signal(&shinyd.child, SIGCONT);
	shinyd_expect_line(&shinyd, "[server a] was ended by its plugin");
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	shinyd_finish(&shinyd);
}

static void addresses_in_use_are_kept_out(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;
	char *config;

	shinyd_start(&shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &a);
	config = g_strdup_printf("[server a]\n" ECHO "[server b]\nplugin = echo\nlisten = %s\n",
				 a.address);
	shinyd_reload(&shinyd, config);
	shinyd_expect_line(&shinyd, "shinyd.ini:6: error: [server b] listen: tcp://127.0.0.1:");
	shinyd_expect_line(&shinyd, "the old one is still served");
	g_free(config);
	reload_well(&shinyd, "[server a]\n" ECHO "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "b", &b);
	shinyd_end(&shinyd);
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
	reload_well(&shinyd, "[shinyd]\nlog_level = error\n[server a]\n" PUPPET "workers = 2\n");
	shinyd_reload(&shinyd, "[shinyd]\n[server a]\n" PUPPET "workers = 2\n");
	shinyd_expect_line(&shinyd, "the configuration was reloaded");
	fd = client_connect(serving.address);
	client_send_text(fd, "log");
	client_expect(fd, "done\n");
	shinyd_expect_line(&shinyd, "[server a] pulled?by a string");
	close(fd);
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
	await_end(&shinyd, &before);
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
	reload_well(&shinyd, "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "b", &b);
	await_end(&shinyd, &a);
	g_assert_cmpint(client_try_connect(a.address), ==, -ECONNREFUSED);
	client_exchange(b.address, "x\n", HELLO);
	shinyd_end(&shinyd);
}

/* Its worker drains for as long as a client wishes; that keeps the address from nobody. */
static void what_is_removed_may_come_back(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, again;
	char *config;
	int fd;

	config = g_strdup_printf("[server a]\nplugin = puppet\nlisten = tcp://127.0.0.1:%u\n"
				 "[server b]\n" ECHO,
				 harness_free_port());
	shinyd_start(&shinyd, "%s", config);
	shinyd_await_serving(&shinyd, "a", &first);
	fd = client_connect(first.address);
	client_send_text(fd, "hold");
	client_expect(fd, "done\n");
	reload_well(&shinyd, "[server b]\n" ECHO);
	g_assert_cmpint(client_try_connect(first.address), ==, -ECONNREFUSED);
	reload_well(&shinyd, config);
	shinyd_await_serving(&shinyd, "a", &again);
	client_exchange(again.address, "nothing", "done\n");
	client_send_text(fd, "nothing"); /* the first one still drains */
	client_expect(fd, "done\n");
	client_reset(fd);
	g_free(config);
	shinyd_end(&shinyd);
}

static unsigned mode_of(const char *file)
{
	GStatBuf st;

	g_assert_cmpint(g_stat(file, &st), ==, 0);
	return (unsigned)st.st_mode & 0777;
}

static void wrong_changes_no_mode(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;
	char *file, *config;

	shinyd_prepare(&shinyd);
	file = g_build_filename(shinyd.dir, "a", NULL);
	shinyd_start(&shinyd,
		     "[server a]\nplugin = echo\nunix_mode = 600\nlisten = unix://%s\n"
		     "[server b]\n" ECHO,
		     file);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_await_serving(&shinyd, "b", &b);
	config = g_strdup_printf("[server a]\nplugin = echo\nunix_mode = 666\nlisten = unix://%s\n"
				 "[server b]\n" ECHO "[server c]\nplugin = echo\nlisten = %s\n",
				 file, b.address);
	shinyd_reload(&shinyd, config);
	shinyd_expect_line(&shinyd, "the old one is still served");
	g_assert_cmpuint(mode_of(file), ==, 0600);
	*strstr(config, "[server c]") = '\0';
	reload_well(&shinyd, config);
	g_assert_cmpuint(mode_of(file), ==, 0666);
	g_free(config);
	g_free(file);
	shinyd_end(&shinyd);
}

static void unix_sockets_stay_and_go(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *one, *both;

	shinyd_prepare(&shinyd);
	one = g_strdup_printf(
		"[server a]\nidle_timeout = 1h\nplugin = echo\nlisten = unix://%s/a\n", shinyd.dir);
	both = g_strdup_printf("[server a]\nplugin = echo\nlisten = unix://%s/a\n"
			       "listen = unix://%s/b\n",
			       shinyd.dir, shinyd.dir);
	shinyd_start(&shinyd, "%s", both);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, one);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "x\n", HELLO);
	shinyd_reload(&shinyd, both);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "x\n", HELLO);
	child_signal(&shinyd.child, SIGTERM);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	g_assert_cmpint(g_access(serving.address + strlen("unix://"), F_OK), ==, -1);
	g_free(both);
	g_free(one);
	shinyd_finish(&shinyd);
}

static void an_address_moves_with_a_new_name(void)
{
	struct shinyd shinyd = { 0 };
	struct serving before, after;
	char *address, *config;

	shinyd_prepare(&shinyd);
	address = g_strdup_printf("unix://%s/x", shinyd.dir);
	config = g_strdup_printf("[server b]\nplugin = echo\nlisten = %s\n", address);
	shinyd_start(&shinyd, "[server a]\nplugin = echo\nlisten = %s\n", address);
	shinyd_await_serving(&shinyd, "a", &before);
	shinyd_reload(&shinyd, config);
	shinyd_await_serving(&shinyd, "b", &after);
	await_end(&shinyd, &before);
	client_exchange(address, "x\n", HELLO);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_cmpint(g_access(after.address + strlen("unix://"), F_OK), ==, -1);
	g_free(config);
	g_free(address);
	shinyd_finish(&shinyd);
}

/* Another way to write it closes no socket, and others may share the port from now on. */
static void an_address_written_anew_is_kept(void)
{
	const int yes = 1;
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct shinyd shinyd = { 0 };
	struct serving serving;
	unsigned port = harness_free_port();
	char *config;
	int fd, other;

	config = g_strdup_printf("[server a]\nreuse_port = yes\nplugin = echo\n"
				 "listen = tcp4://localhost:%u\n",
				 port);
	shinyd_start(&shinyd, "[server a]\nplugin = puppet\nlisten = tcp://127.0.0.1:%u\n", port);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "hold");
	client_expect(fd, "done\n");
	shinyd_reload(&shinyd, config);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_reset(fd);

	address.sin_port = htons((uint16_t)port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	other = socket(AF_INET, SOCK_STREAM, 0);
	g_assert_cmpint(setsockopt(other, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)), ==, 0);
	g_assert_cmpint(bind(other, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	close(other);
	g_free(config);
	shinyd_end(&shinyd);
}

/* Either may have to go on as it was; then both would serve there. */
static void addresses_move_only_from_what_goes(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *config;

	shinyd_prepare(&shinyd);
	config = g_strdup_printf("[server a]\nplugin = keeper\nlisten = unix://%s/b\n"
				 "[server b]\nplugin = echo\nlisten = unix://%s/a\n",
				 shinyd.dir, shinyd.dir);
	shinyd_start(&shinyd,
		     "[server a]\nplugin = keeper\nlisten = unix://%s/a\n"
		     "[server b]\nplugin = echo\nlisten = unix://%s/b\n",
		     shinyd.dir, shinyd.dir);
	shinyd_await_serving(&shinyd, "b", &serving);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, config);
	shinyd_expect_line(&shinyd, "/a is still [server a]'s, which stays");
	shinyd_expect_line(&shinyd, "the old one is still served");
	client_exchange(serving.address, "x", "1\n");
	g_free(config);

	config = g_strdup_printf("[server c]\nplugin = echo\nlisten = unix://%s/a\n", shinyd.dir);
	shinyd_reload(&shinyd, config);
	shinyd_await_serving(&shinyd, "c", &serving);
	client_exchange(serving.address, "x\n", HELLO);
	g_free(config);
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
	while (!is_greeted(serving.address)) {
	}
	shinyd_end(&shinyd);
}

static void copy_file(const char *from, const char *to)
{
	char *data;
	gsize len;

	/* Renamed into place, as an upgrade must: the old file is mapped. */
	g_assert_true(g_file_get_contents(from, &data, &len, NULL));
	g_assert_true(g_file_set_contents(to, data, (gssize)len, NULL));
	g_free(data);
}

static void a_new_plugin_file_is_taken(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, again;
	char *file, *config;

	shinyd_prepare(&shinyd);
	file = g_build_filename(shinyd.dir, "mine.so", NULL);
	config = g_strdup_printf("[server a]\nplugin = %s\n" LISTEN, file);
	copy_file(PLUGIN_DIR "/echo.so", file);
	shinyd_start(&shinyd, "%s", config);
	shinyd_await_serving(&shinyd, "a", &serving);
	copy_file(TEST_PLUGIN_DIR "/puppet.so", file);
	shinyd_reload(&shinyd, config);
	shinyd_await_serving(&shinyd, "a", &again);
	g_assert_cmpstr(again.address, ==, serving.address);
	await_end(&shinyd, &serving);
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

static void the_log_is_opened_again(void)
{
	struct shinyd shinyd = { 0 };
	char *log, *old, *config, *text = NULL;

	shinyd_prepare(&shinyd);
	log = g_build_filename(shinyd.dir, "log", NULL);
	old = g_build_filename(shinyd.dir, "log.1", NULL);
	config = g_strdup_printf("[shinyd]\nlog_target = %s\n[server a]\n" ECHO, log);
	shinyd_start(&shinyd, "%s", config);
	while (!g_file_get_contents(log, &text, NULL, NULL) || strstr(text, "serves") == NULL) {
		g_free(text);
		text = NULL;
		g_usleep(1000);
	}
	g_free(text);
	g_assert_cmpint(g_rename(log, old), ==, 0);
	child_signal(&shinyd.child, SIGUSR1);
	while (!g_file_test(log, G_FILE_TEST_EXISTS)) {
		g_usleep(1000);
	}
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
	harness_add("/e2e/reload/an-address-in-use-is-kept-out", addresses_in_use_are_kept_out);
	harness_add("/e2e/reload/one-that-comes-early-waits", one_that_comes_early_waits);
	harness_add("/e2e/reload/live-keys-apply-in-place", live_keys_replace_nobody);
	harness_add("/e2e/reload/a-new-secret-is-taken", a_new_secret_is_taken);
	harness_add("/e2e/reload/only-what-changed-is-replaced", only_what_changed_is_replaced);
	harness_add("/e2e/reload/sections-come-and-go", sections_come_and_go);
	harness_add("/e2e/reload/what-is-removed-may-come-back-while-it-drains",
		    what_is_removed_may_come_back);
	harness_add("/e2e/reload/what-is-wrong-changes-no-mode", wrong_changes_no_mode);
	harness_add("/e2e/reload/unix-sockets-stay-and-go", unix_sockets_stay_and_go);
	harness_add("/e2e/reload/an-address-moves-with-a-new-name",
		    an_address_moves_with_a_new_name);
	harness_add("/e2e/reload/an-address-written-anew-is-kept", an_address_written_anew_is_kept);
	harness_add("/e2e/reload/an-address-moves-from-what-goes-only",
		    addresses_move_only_from_what_goes);
	harness_add("/e2e/reload/a-storm-ends-with-the-last-one", a_storm_ends_with_the_last_one);
	harness_add("/e2e/reload/a-new-plugin-file-is-taken", a_new_plugin_file_is_taken);
	harness_add("/e2e/reload/sigusr1-opens-the-log-again", the_log_is_opened_again);
	return harness_run();
}
