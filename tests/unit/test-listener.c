/* SPDX-License-Identifier: MIT */
/*
 * Accepting, when accept(2) fails in the ways that a test cannot bring about for real.
 *
 * The library is linked statically, so that the linker's --wrap puts the function below between it and libc.
 */
#include "client.h"
#include "harness.h"
#include "shiny.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

int __real_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);

static atomic_int failures; /* so many calls fail */
static atomic_int failure;  /* with this errno */

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	if (failures > 0) {
		failures--;
		errno = failure;
		return -1;
	}
	return __real_accept4(fd, address, len, flags);
}

static bool echo(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
}

static gpointer run(gpointer server)
{
	g_assert_cmpint(shiny_server_run(server), ==, 0);
	return NULL;
}

/* Serves one client, whose accept fails so many times first; returns what was counted. */
static struct shiny_stats serve_after(int error, int times)
{
	const struct shiny_handlers handlers = { .handle = echo };
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_stats stats = { 0 };
	struct shiny_server *server;
	char address[SHINY_ADDRESS_MAX];

	options.stats = &stats;
	failure = error;
	failures = times;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, 0);
	g_assert_cmpint(shiny_server_listen(server, "tcp://127.0.0.1:0"), ==, 0);
	g_assert_cmpint(shiny_server_address(server, 0, address, sizeof(address)), ==, 0);
	GThread *thread = g_thread_new("server", run, server);
	int fd = client_connect(address);

	client_send_text(fd, "hello");
	client_expect(fd, "hello");
	close(fd);
	shiny_stop(server);
	g_thread_join(thread);
	shiny_server_destroy(server);
	g_assert_cmpint(failures, ==, 0);
	g_assert_cmpuint(stats.accepted, ==, 1);
	return stats;
}

/* accept(2): what went wrong with one peer is no reason to keep the next one waiting. */
static void one_peer_keeps_no_other_waiting(void)
{
	static const int errors[] = { ECONNABORTED, EINTR, EPROTO, ENETDOWN, EHOSTUNREACH };

	for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
		struct shiny_stats stats = serve_after(errors[i], 3);
		g_assert_cmpuint(stats.errors_accept, ==, 0);
	}
}

/* A system that has no more to give is asked again after a rest, and not as fast as it can say no. */
static void a_system_out_of_something_is_left_in_peace(void)
{
	static const int errors[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM };

	for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
		struct shiny_stats stats = serve_after(errors[i], 3);
		g_assert_cmpuint(stats.errors_accept, ==, 3);
		g_assert_cmpuint(stats.turns, <, 50);
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/listener/errors/of-one-peer-keep-no-other-waiting",
		    one_peer_keeps_no_other_waiting);
	harness_add("/listener/errors/of-the-system-are-rested-on",
		    a_system_out_of_something_is_left_in_peace);
	return harness_run();
}
