/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP and addresses: who listens where, before, meanwhile and after.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"
#define ECHO   "plugin = echo\n" LISTEN
#define HELLO  "Welcome to the echo server!\n"

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
	shinyd_reload_well(&shinyd, "[server a]\n" ECHO "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "b", &b);
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
	shinyd_reload_well(&shinyd, "[server b]\n" ECHO);
	g_assert_cmpint(client_try_connect(first.address), ==, -ECONNREFUSED);
	shinyd_reload_well(&shinyd, config);
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
	shinyd_reload_well(&shinyd, config);
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
	shinyd_await_end(&shinyd, &before);
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
	struct serving serving, kept;
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
	shinyd_await_serving(&shinyd, "a", &kept);
	shinyd_reload(&shinyd, config);
	shinyd_expect_line(&shinyd, "/a is still held by [server a]");
	shinyd_expect_line(&shinyd, "the old one is still served");
	client_exchange(kept.address, "x", "1\n");
	g_free(config);

	config = g_strdup_printf("[server c]\nplugin = echo\nlisten = unix://%s/a\n", shinyd.dir);
	shinyd_reload(&shinyd, config);
	shinyd_await_serving(&shinyd, "c", &serving);
	shinyd_await_end(&shinyd, &kept);
	client_exchange(serving.address, "x\n", HELLO);
	g_free(config);
	shinyd_end(&shinyd);
}

static void what_is_shared_stays_shared(void)
{
	struct shinyd shinyd = { 0 };
	struct serving a, b;
	unsigned port = harness_free_port();
	char *config = g_strdup_printf("[server a]\nplugin = echo\nreuse_port = yes\n"
				       "listen = tcp://127.0.0.1:%u\n"
				       "[server b]\nplugin = echo\nreuse_port = yes\n"
				       "listen = tcp://127.0.0.1:%u\nbacklog = 7\n",
				       port, port);

	shinyd_start(&shinyd, "%s", config);
	shinyd_await_serving(&shinyd, "a", &a);
	shinyd_await_serving(&shinyd, "b", &b);
	*strstr(config, "backlog") = '\0';
	shinyd_reload_well(&shinyd, config);
	shinyd_await_serving(&shinyd, "b", &b);
	client_exchange(b.address, "x\n", HELLO);
	g_free(config);
	shinyd_end(&shinyd);
}

/* Each of them is another one, though all are written alike. */
static void all_ports_that_were_chosen_are_kept(void)
{
	struct shinyd shinyd = { 0 };
	struct serving before, after;

	shinyd_start(&shinyd, "[server a]\n" ECHO LISTEN);
	shinyd_await_serving(&shinyd, "a", &before);
	shinyd_reload(&shinyd, "[server a]\nbacklog = 7\n" ECHO LISTEN);
	shinyd_await_serving(&shinyd, "a", &after);
	g_assert_cmpstr(after.address, ==, before.address);
	client_exchange(after.address, "x\n", HELLO);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/reload/an-address-in-use-is-kept-out", addresses_in_use_are_kept_out);
	harness_add("/e2e/reload/what-is-removed-may-come-back-while-it-drains",
		    what_is_removed_may_come_back);
	harness_add("/e2e/reload/what-is-wrong-changes-no-mode", wrong_changes_no_mode);
	harness_add("/e2e/reload/unix-sockets-stay-and-go", unix_sockets_stay_and_go);
	harness_add("/e2e/reload/an-address-moves-with-a-new-name",
		    an_address_moves_with_a_new_name);
	harness_add("/e2e/reload/an-address-written-anew-is-kept", an_address_written_anew_is_kept);
	harness_add("/e2e/reload/an-address-moves-from-what-goes-only",
		    addresses_move_only_from_what_goes);
	harness_add("/e2e/reload/an-address-that-is-shared-stays-so", what_is_shared_stays_shared);
	harness_add("/e2e/reload/all-ports-that-were-chosen-are-kept",
		    all_ports_that_were_chosen_are_kept);
	return harness_run();
}
