/* SPDX-License-Identifier: MIT */
/*
 * Bytes in, bytes out: all of them, in order, unchanged.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

static struct serving *start_echo(void)
{
	return serving_start(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);
}

static void echo_back(int fd, const char *data, size_t len)
{
	struct suite_bulk bulk = { .fd = fd, .data = data, .len = len };
	GThread *thread = g_thread_new("sender", suite_send, &bulk);

	client_expect_bytes(fd, data, len);
	g_thread_join(thread);
}

static void one_byte(void)
{
	struct serving *s = start_echo();
	int fd = client_connect(s->address);

	client_send_text(fd, "x");
	client_expect(fd, "x");
	close(fd);
	serving_stop(s);
}

struct random_client {
	const char *address;
	uint32_t seed;
};

static gpointer echo_randomly(gpointer data)
{
	const struct random_client *client = data;
	GRand *rand = g_rand_new_with_seed(client->seed);
	int fd = client_connect(client->address);

	for (uint32_t i = 0; i < 20; i++) {
		size_t len = (size_t)g_rand_int_range(rand, 0, 100 * 1024);
		char *sent = client_pattern(len, client->seed * 100 + i);

		client_send(fd, sent, len);
		client_expect_bytes(fd, sent, len);
		g_free(sent);
	}
	close(fd);
	g_rand_free(rand);
	return NULL;
}

static void ten_clients(void)
{
	struct serving *s = start_echo();
	struct random_client clients[10];
	GThread *threads[G_N_ELEMENTS(clients)];

	for (uint32_t i = 0; i < G_N_ELEMENTS(clients); i++) {
		clients[i] = (struct random_client){ .address = s->address, .seed = i + 1 };
		threads[i] = g_thread_new("client", echo_randomly, &clients[i]);
	}
	for (uint32_t i = 0; i < G_N_ELEMENTS(clients); i++) {
		g_thread_join(threads[i]);
	}
	serving_stop(s);
}

enum {
	BULK_CHUNK = 1024 * 1024,
	BULK_CHUNKS = 64
};

static gpointer send_bulk(gpointer data)
{
	int fd = GPOINTER_TO_INT(data);

	for (uint32_t i = 0; i < BULK_CHUNKS; i++) {
		char *chunk = client_pattern(BULK_CHUNK, i);

		client_send(fd, chunk, BULK_CHUNK);
		g_free(chunk);
	}
	client_send_end(fd);
	return NULL;
}

/* The sender runs ahead as far as the server lets it; the reader rests often. */
static void slow_reader(void)
{
	struct serving *s = start_echo();
	int fd = client_connect(s->address);
	GThread *thread = g_thread_new("sender", send_bulk, GINT_TO_POINTER(fd));
	GChecksum *sent = g_checksum_new(G_CHECKSUM_SHA1), *got = g_checksum_new(G_CHECKSUM_SHA1);
	char *buf = g_malloc(BULK_CHUNK);

	for (uint32_t i = 0; i < BULK_CHUNKS; i++) {
		char *chunk = client_pattern(BULK_CHUNK, i);

		g_checksum_update(sent, (guchar *)chunk, BULK_CHUNK);
		g_free(chunk);
		client_receive(fd, buf, BULK_CHUNK);
		g_checksum_update(got, (guchar *)buf, BULK_CHUNK);
		g_usleep(2000);
	}
	client_expect_end(fd);
	g_assert_cmpstr(g_checksum_get_string(got), ==, g_checksum_get_string(sent));

	g_thread_join(thread);
	g_checksum_free(sent);
	g_checksum_free(got);
	g_free(buf);
	close(fd);
	serving_stop(s);
}

static void one_byte_segments(void)
{
	struct serving *s = start_echo();
	int fd = client_connect(s->address), on = 1;
	char *data = client_pattern(3000, 1);

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (size_t i = 0; i < 3000; i++) {
		client_send(fd, data + i, 1);
	}
	client_expect_bytes(fd, data, 3000);
	g_free(data);
	close(fd);
	serving_stop(s);
}

static void pipelined(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = suite_answer_lines }, NULL, NULL);
	int fd = client_connect(s->address);
	GString *requests = g_string_new(NULL);

	for (int i = 0; i < 10000; i++) {
		g_string_append_printf(requests, "request %d\n", i);
	}
	echo_back(fd, requests->str, requests->len);
	g_string_free(requests, TRUE);
	close(fd);
	serving_stop(s);
}

/* Sizes around that of the loop's read buffer, each alone on a quiet connection. */
static void around_read_buffer(void)
{
	static const size_t sizes[] = { 65535, 65536, 65537, 131072, 131073 };
	struct serving *s = start_echo();

	for (uint32_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		int fd = client_connect(s->address);
		char *data = client_pattern(sizes[i], i);

		client_send(fd, data, sizes[i]);
		client_expect_bytes(fd, data, sizes[i]);
		g_assert_false(client_readable(fd, 0));
		g_free(data);
		close(fd);
	}
	serving_stop(s);
}

/* Swaps the two halves of what it gets. */
static bool swap_halves(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	size_t *whole = ctx;

	if (len < *whole) {
		return shiny_unread(conn, len, *whole) == 0;
	}
	return shiny_write(conn, data + len / 2, len - len / 2) == 0 &&
	       shiny_write(conn, data, len / 2) == 0;
}

/* Both where the data is the loop's buffer and where it is what the connection held back. */
static void output_in_input(void)
{
	size_t len = 300000;
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = swap_halves }, NULL, &len);
	int fd = client_connect(s->address);
	char *data = client_pattern(len, 5);

	for (int round = 0; round < 3; round++) {
		client_send(fd, data, len);
		client_expect_bytes(fd, data + len / 2, len / 2);
		client_expect_bytes(fd, data, len / 2);
	}
	g_free(data);
	close(fd);
	serving_stop(s);
}

/* Writes each byte as two digits, into more room than that needs. */
static bool answer_in_place(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	char *room = shiny_reserve(conn, len * 2 + 100);

	(void)ctx;
	for (size_t i = 0; i < len; i++) {
		room[2 * i] = "0123456789abcdef"[(unsigned char)data[i] >> 4];
		room[2 * i + 1] = "0123456789abcdef"[data[i] & 15];
	}
	shiny_produce(conn, len * 2);
	return shiny_reserve(conn, 10) != NULL; /* of which nothing is produced */
}

static void in_place(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = answer_in_place }, NULL, NULL);
	int fd = client_connect(s->address);

	client_send(fd, "\x01\xfe", 2);
	client_expect(fd, "01fe");
	client_send_text(fd, "AB");
	client_expect(fd, "4142");
	close(fd);
	serving_stop(s);
}

static bool greet(struct shiny_conn *conn, void *ctx)
{
	return shiny_write(conn, ctx, strlen(ctx)) == 0;
}

static void greeting_first(void)
{
	char text[] = "welcome\n";
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = serving_echo, .accept = greet }, NULL, text);

	for (int i = 0; i < 20; i++) {
		int fd = client_connect(s->address);

		client_send_text(fd, "reply\n");
		client_expect(fd, "welcome\nreply\n");
		close(fd);
	}
	serving_stop(s);
}

/* More than any socket buffer takes, to a client that asks for something before it reads. */
static void long_greeting(void)
{
	size_t len = 16 * 1024 * 1024;
	char *text = g_malloc(len + 1);
	struct serving *s;
	int fd;

	memset(text, 'g', len);
	text[len] = '\0';
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo, .accept = greet }, NULL,
			  text);
	fd = client_connect(s->address);
	client_send_text(fd, "reply\n");
	client_expect_bytes(fd, text, len);
	client_expect(fd, "reply\n");
	close(fd);
	serving_stop(s);
	g_free(text);
}

static gpointer run_server(gpointer server)
{
	g_assert_cmpint(shiny_server_run(server), ==, 0);
	return NULL;
}

/* Without struct serving, which has handlers of its own. */
static void null_handlers(void)
{
	struct shiny_handlers handlers = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_server *server;
	char address[SHINY_ADDRESS_MAX];
	char *data = client_pattern(1024 * 1024, 9);
	GThread *thread;
	int fd;

	options.backend = suite_backend;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, 0);
	g_assert_cmpint(shiny_server_listen(server, "tcp://127.0.0.1:0"), ==, 0);
	g_assert_cmpint(shiny_server_address(server, 0, address, sizeof(address)), ==, 0);
	thread = g_thread_new("server", run_server, server);

	fd = client_connect(address);
	client_send(fd, data, 1024 * 1024);
	client_send_end(fd);
	client_expect_end(fd);
	close(fd);
	g_free(data);

	shiny_server_stop(server);
	g_thread_join(thread);
	shiny_server_destroy(server);
}

void add_stream_tests(void)
{
	harness_add("/stream/one-byte/comes-back", one_byte);
	harness_add("/stream/ten-clients/random-echoes-come-back", ten_clients);
	harness_add("/stream/64-mb/reach-a-slow-reader-unchanged", slow_reader);
	harness_add("/stream/one-byte-segments/arrive-in-order", one_byte_segments);
	harness_add("/stream/10000-pipelined-requests/are-answered-in-order", pipelined);
	harness_add("/stream/read-buffer/messages-around-its-size-arrive-whole",
		    around_read_buffer);
	harness_add("/stream/output/may-point-into-the-input", output_in_input);
	harness_add("/stream/output/written-in-place-is-sent", in_place);
	harness_add("/stream/greeting/comes-before-the-first-reply", greeting_first);
	harness_add("/stream/greeting/may-exceed-the-send-buffer", long_greeting);
	harness_add("/stream/null-handlers/discard-the-input", null_handlers);
}
