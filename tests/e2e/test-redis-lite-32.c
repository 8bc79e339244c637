/* SPDX-License-Identifier: MIT */
/*
 * redis-lite as a program of 32 bits: the same replies, and the same file, as with 64.
 */
#include "cache.h"
#include "client.h"
#include "compare.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <unistd.h>

#define ROUNDS 20
#define STEPS  2000
#define KEYS   1000

#define NUMBER "-ERR value is not an integer or out of range\r\n"
#define LARGE  "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"
#define NO     ":0\r\n"

/* Returns a connection. An argument may be NULL. */
static int serve(struct child *child, const char *argument, const char *other)
{
	const char *const argv[] = { SERVE_32, argument ? argument : other, argument ? other : NULL,
				     NULL };
	char *line, *address;
	int fd;

	child_start(child, argv);
	child_await_output(child, "\n");
	line = g_strdup(strstr(child->output->str, "tcp://"));
	if (!line) {
		harness_fail("it says %s", child->output->str);
	}
	address = g_strchomp(line);
	fd = client_connect(address);
	g_free(line);
	return fd;
}

static void finish(struct child *child, int fd)
{
	close(fd);
	child_signal(child, SIGTERM);
	g_assert_cmpint(child_wait(child), ==, 0);
	child_finish(child);
}

static void sizes_beyond_32_bits_are_what_they_are(void)
{
	static const struct exchange exchanges[] = {
		{ "SET k value", OK },
		{ "SETRANGE k 4294967297 zz", LARGE },
		{ "SETRANGE k 9223372036854775807 zz", LARGE },
		{ "SETRANGE k 536870911 zz", LARGE },
		{ "SETRANGE none 4294967297 zz", LARGE },
		{ "GET k", "$5\r\nvalue\r\n" },
		{ "EXISTS none", NO },
		{ "GETRANGE k 4294967296 4294967300", "$0\r\n\r\n" },
		{ "GETRANGE k -4294967296 4294967296", "$5\r\nvalue\r\n" },
		{ "GETBIT k 4294967295", NO },
		{ "GETBIT k 4294967296", "-ERR bit offset is not an integer or out of range\r\n" },
		{ "BITCOUNT k 0 4294967296", ":21\r\n" },
		{ "BITCOUNT k 4294967296 -1", NO },
		{ "SCAN 0 COUNT 4294967296", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n" },
		{ "SCAN 0 COUNT 9223372036854775807", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n" },
		{ "SCAN 0 COUNT 9223372036854775808", NUMBER },
		{ "SCAN 4294967296", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n" },
		/* 1, were it cut to 32 bits: nothing may grow then. */
		{ "CONFIG SET maxmemory 4294967297", OK },
		{ "CONFIG GET maxmemory", "*2\r\n$9\r\nmaxmemory\r\n$10\r\n4294967297\r\n" },
		{ "SET l value", OK },
		{ "CONFIG SET auto-aof-rewrite-min-size 4294967297", OK },
		{ "CONFIG GET auto-aof-rewrite-min-size",
		  "*2\r\n$25\r\nauto-aof-rewrite-min-size\r\n$10\r\n4294967297\r\n" },
		{ NULL, NULL },
	};
	struct child child;
	int fd = serve(&child, NULL, NULL);

	for (size_t i = 0; exchanges[i].request; i++) {
		redis_expect(fd, exchanges[i].request, exchanges[i].reply);
	}
	finish(&child, fd);
}

/* It has as many bits as 32 bits count. */
static void the_largest_value_is_served(void)
{
	struct child child;
	int fd = serve(&child, NULL, NULL);

	redis_expect(fd, "SETBIT k 4294967295 1", NO);
	redis_expect(fd, "STRLEN k", ":536870912\r\n");
	redis_expect(fd, "GETBIT k 4294967295", ":1\r\n");
	redis_expect(fd, "BITCOUNT k 4294967288 -1 BIT", ":1\r\n");
	redis_expect(fd, "BITCOUNT k 0 -2 BIT", NO);
	redis_expect(fd, "BITCOUNT k -1 -1", ":1\r\n");
	redis_expect(fd, "GETRANGE k -1 -1", "$1\r\n\x01\r\n");
	redis_expect(fd, "APPEND k x", LARGE);
	redis_expect(fd, "DEL k", ":1\r\n");
	finish(&child, fd);
}

/* More arguments than memory has room for are awaited, as with 64 bits. */
static void a_request_that_announces_too_much_is_awaited(void)
{
	struct child child;
	int fd = serve(&child, NULL, NULL);

	client_send(fd, "*2147483647\r\n$4\r\nPING\r\n", 24);
	client_send_end(fd);
	client_expect_end(fd);
	finish(&child, fd);
}

static void random_requests_get_the_same_replies(void)
{
	char *dir = harness_make_dir();
	struct child server, child;
	int theirs = redis_server_start(&server, dir, NULL);
	int ours = serve(&child, NULL, NULL);

	for (int round = 0; round < ROUNDS; round++) {
		compare_round(theirs, ours, round % 2 ? "HELLO 3" : "HELLO 2");
	}
	g_free(redis_ask(theirs, "HELLO 2"));
	g_free(redis_ask(ours, "HELLO 2"));
	for (int step = 0; step < STEPS; step++) {
		compare_step(theirs, ours);
	}
	compare_end();
	close(theirs);
	child_finish(&server);
	finish(&child, ours);
	harness_remove_dir(dir);
}

static void set_keys(int fd, const char *prefix)
{
	for (int i = 0; i < KEYS; i++) {
		char *request = g_strdup_printf("SET %s:%d %d PX 4000000000", prefix, i, i);

		redis_expect(fd, request, OK);
		g_free(request);
	}
}

static void expect_keys(int fd, const char *prefix)
{
	for (int i = 0; i < KEYS; i++) {
		char *request = g_strdup_printf("GET %s:%d", prefix, i);
		char *value = g_strdup_printf("%d", i);
		char *reply = g_strdup_printf("$%zu\r\n%s\r\n", strlen(value), value);

		redis_expect(fd, request, reply);
		g_free(reply);
		g_free(value);
		g_free(request);
	}
}

/* Written with 64 bits, loaded, rewritten and gone on with by 32, and loaded with 64 again. */
static void the_file_is_the_same(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *dir = g_strdup_printf("dir=%s", cache.dir);
	struct child child;
	int fd;

	cache_start(&cache, "always", "");
	set_keys(cache.fd, "wide");
	cache_stop(&cache);

	fd = serve(&child, "appendonly=yes", dir);
	expect_keys(fd, "wide");
	redis_expect(fd, "BGREWRITEAOF", "+Background append only file rewriting started\r\n");
	set_keys(fd, "narrow");
	finish(&child, fd);

	cache_start(&cache, "always", "");
	expect_keys(cache.fd, "wide");
	expect_keys(cache.fd, "narrow");
	cache_stop(&cache);
	g_free(dir);
	harness_remove_dir(cache.dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/32");
	harness_add("/sizes-beyond-32-bits-are-what-they-are",
		    sizes_beyond_32_bits_are_what_they_are);
	harness_add("/the-largest-value-is-served", the_largest_value_is_served);
	harness_add("/a-request-that-announces-too-much-is-awaited",
		    a_request_that_announces_too_much_is_awaited);
	harness_add_slow("/random-requests-get-the-same-replies",
			 random_requests_get_the_same_replies, 120);
	harness_add("/the-file-is-the-same", the_file_is_the_same);
	return harness_run();
}
