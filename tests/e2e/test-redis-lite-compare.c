/* SPDX-License-Identifier: MIT */
/*
 * The same random requests to redis-server and to redis-lite: the replies must be the same bytes.
 * GTest's --seed repeats a run.
 */
#include "client.h"
#include "compare.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <unistd.h>

#define ROUNDS	      60
#define BROKEN_ROUNDS 300
#define STEPS	      6000

static void random_requests_get_the_same_replies(void)
{
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct child server;
	int theirs = redis_server_start(&server, dir, NULL);
	int ours = redis_start(&shinyd, NULL, "%s", "");

	for (int round = 0; round < ROUNDS; round++) {
		compare_round(theirs, ours, round % 2 ? "HELLO 3" : "HELLO 2");
	}
	compare_end();
	close(theirs);
	child_finish(&server);
	redis_finish(&shinyd, ours);
	harness_remove_dir(dir);
}

static char *address_of(int server)
{
	char *config = redis_ask(server, "CONFIG GET port");
	char **lines = g_strsplit(config, "\r\n", -1);
	char *address = g_strdup_printf("tcp://127.0.0.1:%s", lines[4]);

	g_strfreev(lines);
	g_free(config);
	return address;
}

/* Two clients who change what the other one watches. */
static void random_transactions_get_the_same_replies(void)
{
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct child server;
	int theirs[2] = { redis_server_start(&server, dir, NULL) };
	int ours[2] = { redis_start(&shinyd, &serving, "%s", "") };
	char *their_address = address_of(theirs[0]);

	theirs[1] = client_connect(their_address);
	ours[1] = client_connect(serving.address);
	for (int i = 0; i < STEPS; i++) {
		int n = g_test_rand_bit();

		compare_step(theirs[n], ours[n]);
	}
	compare_end();
	g_free(their_address);
	close(ours[1]);
	close(theirs[0]);
	close(theirs[1]);
	child_finish(&server);
	redis_finish(&shinyd, ours[0]);
	harness_remove_dir(dir);
}

/* Some requests, a few bytes of them changed. */
static GString *broken_requests(void)
{
	static const char *const requests[] = {
		"*1\r\n$4\r\nPING\r\n",
		"*2\r\n$4\r\nECHO\r\n$5\r\nworld\r\n",
		"PING\r\n",
		"echo \"a b\" \r\n",
		"\vecho \f\"a\"\v b\fc\r\n",
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
		"set k 'v'\r\n",
	};
	static const char bytes[] = "*$\r\n019-\" 'x\\\v\f\t";
	GString *data = g_string_new("");

	for (int i = 0; i < 5; i++) {
		g_string_append(data, requests[g_test_rand_int_range(0, G_N_ELEMENTS(requests))]);
	}
	for (int i = g_test_rand_int_range(1, 4); i > 0; i--) {
		data->str[g_test_rand_int_range(0, (gint32)data->len)] =
			bytes[g_test_rand_int_range(0, sizeof(bytes) - 1)];
	}
	return data;
}

/* All that a server says to this, up to its end. */
static GByteArray *answer(const char *address, const GString *data)
{
	int fd = client_connect(address);
	GByteArray *all;

	client_send(fd, data->str, data->len);
	client_send_end(fd);
	all = client_receive_rest(fd);
	close(fd);
	return all;
}

/* Bytes that are nearly requests: the same replies, and the same end. */
static void broken_requests_get_the_same_replies(void)
{
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct child server;
	int theirs = redis_server_start(&server, dir, NULL);
	int ours = redis_start(&shinyd, &serving, "%s", "");
	char *their_address = address_of(theirs);

	for (int round = 0; round < BROKEN_ROUNDS; round++) {
		GString *data = broken_requests();
		GByteArray *a = answer(their_address, data), *b = answer(serving.address, data);

		if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0) {
			harness_fail("%s\nredis-server: %.*s\nredis-lite: %.*s",
				     g_strescape(data->str, NULL), (int)a->len, (char *)a->data,
				     (int)b->len, (char *)b->data);
		}
		g_byte_array_free(a, TRUE);
		g_byte_array_free(b, TRUE);
		g_string_free(data, TRUE);
	}
	g_free(their_address);
	close(theirs);
	child_finish(&server);
	redis_finish(&shinyd, ours);
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/compare");
	harness_add_slow("/random-requests-get-the-same-replies",
			 random_requests_get_the_same_replies, 120);
	harness_add_slow("/random-transactions-get-the-same-replies",
			 random_transactions_get_the_same_replies, 120);
	harness_add_slow("/broken-requests-get-the-same-replies",
			 broken_requests_get_the_same_replies, 120);
	return harness_run();
}
