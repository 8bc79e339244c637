/* SPDX-License-Identifier: MIT */
/*
 * Connections that come: refused, too many, gone already, and who they are.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	MB = 1024 * 1024
};

static bool refuse(struct shiny_conn *conn, void *ctx)
{
	g_assert_cmpint(shiny_write(conn, ctx, MB), ==, 0);
	return false;
}

static void refused(void)
{
	char *data = client_pattern(MB, 1);
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = serving_echo, .accept = refuse }, NULL, data);

	for (int i = 0; i < 5; i++) {
		int fd = client_connect(s->address);

		client_send_some(fd, "let me in", 9);
		client_expect_bytes(fd, data, MB);
		client_expect_end(fd);
		close(fd);
	}
	latch_await(&s->refusals, 5);
	g_assert_cmpuint(latch_count(&s->handles), ==, 0);
	serving_stop(s);
	g_free(data);
	/* struct serving fails the test if closed is called. */
}

static bool gate_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	if (len == 4 && memcmp(data, "gate", 4) == 0) {
		gate_pass(ctx);
	}
	return shiny_write(conn, data, len) == 0;
}

static void gone_before_accept(void)
{
	struct gate gate = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = gate_handle }, NULL, &gate);
	int fd = suite_connect(s, 1);

	client_send_text(fd, "gate");
	latch_await(&gate.entered, 1);
	for (int i = 0; i < 20; i++) {
		int early = client_connect(s->address);

		if (i % 3 == 0) {
			client_send_text(early, "x");
		}
		client_reset(early);
	}
	gate_open(&gate);
	client_expect(fd, "gate");
	close(fd);
	fd = client_connect(s->address);
	client_send_text(fd, "x");
	client_expect(fd, "x");
	close(fd);
	latch_await(&s->closes, latch_count(&s->accepts));
	serving_stop(s);
}

/* Says that it is inside, waits until the client is gone, and writes to nobody. */
static bool accept_slowly(struct shiny_conn *conn, void *ctx)
{
	char peer[SHINY_ADDRESS_MAX];

	gate_pass(ctx);
	shiny_peer(conn, peer, sizeof(peer));
	shiny_write(conn, "hello", 5);
	return true;
}

static void gone_inside_accept(void)
{
	struct gate gate = { 0 };
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = serving_echo, .accept = accept_slowly }, NULL,
		&gate);
	int fd = client_connect(s->address);

	latch_await(&gate.entered, 1);
	client_reset(fd);
	gate_open(&gate);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), !=, 0);
	serving_stop(s);
}

static void sheds(void)
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fds[4], extra;

	options.max_connections = G_N_ELEMENTS(fds);
	options.stats = &stats;
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
			fds[i] = suite_connect(s, (uint64_t)round * G_N_ELEMENTS(fds) + i + 1);
		}
		extra = client_connect(s->address);
		client_expect_end(extra);
		close(extra);
		suite_await_stat(&stats.shed, (uint64_t)round + 1);
		for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
			client_send_text(fds[i], "x");
			client_expect(fds[i], "x");
			close(fds[i]);
		}
		latch_await(&s->closes, (uint64_t)(round + 1) * G_N_ELEMENTS(fds));
	}
	serving_stop(s);
}

/* As shinyd does when nobody is to connect any more: the listener is at its end, nothing else is. */
static void shut_down(void)
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int listener, fd;

	options.stats = &stats;
	s = serving_create(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	g_assert_cmpint(shiny_bind("tcp://127.0.0.1:0", NULL, &listener), ==, 0);
	g_assert_cmpint(shiny_server_listen_fd(s->server, dup(listener)), ==, 0);
	g_assert_cmpint(shiny_server_address(s->server, 0, s->address, sizeof(s->address)), ==, 0);
	serving_run(s);
	fd = suite_connect(s, 1);
	g_assert_cmpint(shutdown(listener, SHUT_RD), ==, 0);
	for (int i = 0; i < 10; i++) {
		client_send_text(fd, "x");
		client_expect(fd, "x");
	}
	suite_expect_rest(&stats);
	g_assert_cmpuint(suite_stat(&stats.errors_accept), ==, 0);
	close(fd);
	close(listener);
	serving_stop(s);
}

/* Which one it is does not matter: @which of the two is shut down, the other one serves on. */
static void expect_other_serves(size_t which)
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int listeners[2], fd;

	options.stats = &stats;
	s = serving_create(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(listeners); i++) {
		g_assert_cmpint(shiny_bind("tcp://127.0.0.1:0", NULL, &listeners[i]), ==, 0);
		g_assert_cmpint(shiny_server_listen_fd(s->server, dup(listeners[i])), ==, 0);
	}
	g_assert_cmpint(shiny_server_address(s->server, 1 - which, s->address, sizeof(s->address)),
			==, 0);
	serving_run(s);
	g_assert_cmpint(shutdown(listeners[which], SHUT_RD), ==, 0);
	suite_expect_rest(&stats);
	for (uint64_t i = 1; i <= 10; i++) {
		fd = suite_connect(s, i);
		client_send_text(fd, "x");
		client_expect(fd, "x");
		close(fd);
	}
	g_assert_cmpuint(suite_stat(&stats.errors_accept), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(listeners); i++) {
		close(listeners[i]);
	}
	serving_stop(s);
}

static void shut_down_one(void)
{
	expect_other_serves(0);
	expect_other_serves(1);
}

static gpointer connect_until(gpointer data)
{
	struct serving *s = data;

	while (latch_count(&s->wakes) == 0) {
		int fd = client_try_connect(s->address);

		if (fd >= 0) {
			client_reset(fd);
		}
	}
	return NULL;
}

static bool wake_on_w(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	if (len && data[0] == 'w') {
		shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
	}
	return shiny_write(conn, data, len) == 0;
}

static void storm(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = wake_on_w }, NULL, NULL);
	int fd = suite_connect(s, 1);
	GThread *threads[2];

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
		threads[i] = g_thread_new("storm", connect_until, s);
	}
	latch_await(&s->accepts, 100);
	for (int i = 0; i < 500; i++) {
		client_send_text(fd, "x");
		client_expect(fd, "x");
	}
	client_send_text(fd, "w");
	client_expect(fd, "w");
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
		g_thread_join(threads[i]);
	}
	close(fd);
	serving_stop(s);
}

struct peer {
	char text[SHINY_ADDRESS_MAX];
	char local[SHINY_ADDRESS_MAX]; /* what it is connected to */
	struct latch known;
};

static bool note_peer(struct shiny_conn *conn, void *ctx)
{
	struct peer *peer = ctx;
	char tiny[4];

	g_assert_cmpint(shiny_peer(conn, tiny, sizeof(tiny)), ==, -ENOSPC);
	g_assert_cmpint(shiny_peer(conn, peer->text, sizeof(peer->text)), ==, 0);
	g_assert_cmpint(shiny_local(conn, tiny, sizeof(tiny)), ==, -ENOSPC);
	g_assert_cmpint(shiny_local(conn, peer->local, sizeof(peer->local)), ==, 0);
	latch_add(&peer->known, 1);
	return true;
}

/* What the server calls a client that connects to the port of @listen as @connect says. */
static void expect_peer(const char *listen, const char *host, const char *expected)
{
	struct peer peer = { 0 };
	struct serving *s =
		serving_create(&(struct shiny_handlers){ .accept = note_peer }, NULL, &peer);
	struct sockaddr_storage own;
	socklen_t len = sizeof(own);
	char *address, *text;
	int fd, port;

	serving_listen(s, listen);
	serving_run(s);
	address = g_strconcat("tcp://", host, strrchr(s->address, ':'), NULL);
	fd = client_connect(address);
	latch_await(&peer.known, 1);
	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&own, &len), ==, 0);
	port = ntohs(own.ss_family == AF_INET ? ((struct sockaddr_in *)&own)->sin_port
					      : ((struct sockaddr_in6 *)&own)->sin6_port);
	text = g_strdup_printf("tcp://%s:%d", expected, port);
	g_assert_cmpstr(peer.text, ==, text);
	g_assert_cmpstr(peer.local, ==, address);
	g_free(text);
	g_free(address);
	close(fd);
	serving_stop(s);
}

static bool set_user(struct shiny_conn *conn, void *ctx)
{
	g_assert_null(shiny_user(conn));
	shiny_set_user(conn, ctx);
	return true;
}

static bool expect_user(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	g_assert_true(shiny_user(conn) == ctx);
	return shiny_write(conn, data, len) == 0;
}

static void expect_user_at_the_end(struct shiny_conn *conn, int error, void *ctx)
{
	(void)error;
	g_assert_true(shiny_user(conn) == ctx);
}

static void user_pointer(void)
{
	static const struct shiny_handlers handlers = {
		.handle = expect_user,
		.accept = set_user,
		.closed = expect_user_at_the_end,
	};
	int user;
	struct serving *s = serving_start(&handlers, NULL, &user);

	for (uint64_t i = 1; i <= 2; i++) {
		int fd = suite_connect(s, i);

		client_send_text(fd, "user");
		client_expect(fd, "user");
		close(fd);
		latch_await(&s->closes, i);
	}
	serving_stop(s);
}

static void peer_v4(void)
{
	expect_peer("tcp4://127.0.0.1:0", "127.0.0.1", "127.0.0.1");
}

static bool expect_stream_options(struct shiny_conn *conn, void *ctx)
{
	static const int options[][2] = { { IPPROTO_TCP, TCP_NODELAY },
					  { SOL_SOCKET, SO_KEEPALIVE } };

	(void)ctx;
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		int value = 0;
		socklen_t len = sizeof(value);

		g_assert_cmpint(
			getsockopt(shiny_fd(conn), options[i][0], options[i][1], &value, &len), ==,
			0);
		g_assert_cmpint(value, !=, 0);
	}
	return true;
}

static void stream_options(void)
{
	const struct shiny_handlers handlers = { .accept = expect_stream_options };
	struct serving *s = serving_create(&handlers, NULL, NULL);
	int bound, fd;

	g_assert_cmpint(shiny_bind("tcp://127.0.0.1:0", NULL, &bound), ==, 0);
	g_assert_cmpint(shiny_server_listen_fd(s->server, bound), ==, 0);
	serving_listen(s, "tcp://127.0.0.1:0");
	serving_run(s);
	for (size_t i = 0; i < 2; i++) {
		char address[SHINY_ADDRESS_MAX];

		g_assert_cmpint(shiny_server_address(s->server, i, address, sizeof(address)), ==,
				0);
		fd = client_connect(address);
		latch_await(&s->accepts, i + 1);
		close(fd);
	}
	serving_stop(s);
}

static bool have_ipv6(void)
{
	int fd;
	bool have = shiny_bind("tcp6://[::1]:0", NULL, &fd) == 0;

	if (have) {
		close(fd);
	}
	return have;
}

static void peer_v6(void)
{
	if (!have_ipv6()) {
		harness_skip("no IPv6 loopback");
	}
	expect_peer("tcp6://[::1]:0", "[::1]", "[::1]");
}

static void peer_mapped(void)
{
	if (!have_ipv6()) {
		harness_skip("no IPv6 loopback");
	}
	expect_peer("tcp://:0", "127.0.0.1", "127.0.0.1");
}

static void peer_unix(void)
{
	struct peer peer = { 0 };
	struct serving *s =
		serving_create(&(struct shiny_handlers){ .accept = note_peer }, NULL, &peer);
	char *dir = harness_make_dir(), *address = g_strdup_printf("unix://%s/socket", dir);
	int fd;

	serving_listen(s, address);
	serving_run(s);
	fd = client_connect(address);
	latch_await(&peer.known, 1);
	g_assert_cmpstr(peer.text, ==, "unix://");
	g_assert_cmpstr(peer.local, ==, address);
	close(fd);
	serving_stop(s);
	g_free(address);
	harness_remove_dir(dir);
}

void add_accept_tests(void)
{
	harness_add("/accept/refused/bytes-arrive-and-closed-is-not-called", refused);
	harness_add("/accept/peer-gone/before-it", gone_before_accept);
	harness_add("/accept/peer-gone/inside-it", gone_inside_accept);
	harness_add("/accept/max-connections/sheds-and-recovers", sheds);
	harness_add("/accept/shut-down/is-no-error", shut_down);
	harness_add("/accept/shut-down/one-listener-leaves-the-others-accepting", shut_down_one);
	harness_add("/accept/storm/does-not-starve-data", storm);
	harness_add("/accept/tcp/no-delay-and-keepalive-are-set", stream_options);
	harness_add("/accept/user/is-null-until-set-and-kept-to-the-end", user_pointer);
	harness_add("/accept/peer/v4", peer_v4);
	harness_add("/accept/peer/v6-in-brackets", peer_v6);
	harness_add("/accept/peer/v4-mapped-as-v4", peer_mapped);
	harness_add("/accept/peer/unix", peer_unix);
}
