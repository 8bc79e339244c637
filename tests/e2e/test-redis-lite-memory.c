/* SPDX-License-Identifier: MIT */
/*
 * redis-lite's limit on memory, as clients see it.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK    "+OK\r\n"
#define OOM   "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
#define LIMIT (2 * 1024 * 1024)

/* A number that INFO tells. */
static long long info(int fd, const char *field)
{
	char *text = redis_ask(fd, "INFO"), *found = strstr(text, field);
	long long value;

	g_assert_nonnull(found);
	value = atoll(found + strlen(field));
	g_free(text);
	return value;
}

static char *set(int fd, int n)
{
	char *request = g_strdup_printf("SET key:%d %0100d EX 100000", n, n);
	char *reply = redis_ask(fd, request);

	g_free(request);
	return reply;
}

static void a_full_one_refuses_what_grows(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "maxmemory = 2M\n"), n = 0;
	char *reply;

	redis_expect(fd, "CONFIG GET maxmemory", "*2\r\n$9\r\nmaxmemory\r\n$7\r\n2097152\r\n");
	while (strcmp(reply = set(fd, n), OK) == 0) {
		g_free(reply);
		n++;
	}
	g_assert_cmpstr(reply, ==, OOM);
	g_free(reply);
	g_assert_cmpint(n, >, 10000);
	redis_expect(fd, "APPEND key:1 x", OOM);
	redis_expect(fd, "INCR other", OOM);
	redis_expect(fd, "EXISTS key:1 other", ":1\r\n");
	redis_expect(fd, "EXPIRE key:1 1000", ":1\r\n");
	redis_expect(fd, "DEL key:1 key:2 key:3", ":3\r\n");
	redis_expect(fd, "INCR other", ":1\r\n");
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "CONFIG SET maxmemory 1mb", "+QUEUED\r\n");
	redis_expect(fd, "EXEC", "*1\r\n" OK);
	redis_expect(fd, "INCR other", OOM);
	redis_expect(fd, "CONFIG SET maxmemory 0", OK);
	redis_expect(fd, "INCR other", ":2\r\n");
	redis_finish(&shinyd, fd);
}

static void fill(int fd)
{
	enum {
		ROUNDS = 80,
		PIPELINE = 500
	};

	for (int round = 0; round < ROUNDS; round++) {
		GString *requests = g_string_new("");

		for (int i = 0; i < PIPELINE; i++) {
			int n = round * PIPELINE + i;

			g_string_append_printf(requests, "SET key:%d %0100d EX 100000\r\n", n, n);
		}
		client_send(fd, requests->str, requests->len);
		for (int i = 0; i < PIPELINE; i++) {
			client_expect(fd, OK);
		}
		g_string_free(requests, TRUE);
	}
	g_assert_cmpint(info(fd, "used_memory_dataset:"), <=, LIMIT + 65536);
	g_assert_cmpint(info(fd, "evicted_keys:"), >, 20000);
}

static void each_policy_makes_room(void)
{
	static const char *const policies[] = { "allkeys-lru", "allkeys-random", "volatile-ttl" };

	for (size_t i = 0; i < G_N_ELEMENTS(policies); i++) {
		struct shinyd shinyd = { 0 };
		int fd = redis_start(&shinyd, NULL, "maxmemory = 2M\nmaxmemory_policy = %s\n",
				     policies[i]);

		fill(fd);
		redis_finish(&shinyd, fd);
	}
}

static void what_was_evicted_does_not_come_back(void)
{
	const char *format = "maxmemory = %s\nmaxmemory_policy = allkeys-lru\n"
			     "appendonly = yes\nappendfsync = no\ndir = %s\n";
	char *dir = harness_make_dir(), *before, *after;
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, format, "2M", dir);

	fill(fd);
	redis_expect(fd, "CONFIG SET maxmemory 0", OK); /* the tick would go on */
	before = redis_ask(fd, "DBSIZE");
	redis_finish(&shinyd, fd);
	shinyd = (struct shinyd){ 0 };
	fd = redis_start(&shinyd, NULL, format, "0", dir);
	after = redis_ask(fd, "DBSIZE");
	g_assert_cmpstr(before, ==, after);
	g_free(before);
	g_free(after);
	redis_finish(&shinyd, fd);
	harness_remove_dir(dir);
}

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* A line of /proc/PID/status, in MiB. */
static long long status_of(pid_t pid, const char *field)
{
	char *path = g_strdup_printf("/proc/%d/status", (int)pid), *text, *found;
	long long kib;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	found = strstr(text, field);
	g_assert_nonnull(found);
	kib = atoll(found + strlen(field));
	g_free(text);
	g_free(path);
	return kib / 1024;
}

/* In MiB: of a large value, and of all else that may come and go. */
enum {
	LARGE = 64,
	SPARE = 12
};

#define LARGE_SIZE ((size_t)LARGE << 20)

static void expect_large(int fd, const char *value)
{
	client_expect(fd, "$67108864\r\n");
	client_expect_bytes(fd, value, LARGE_SIZE);
	client_expect(fd, "\r\n");
}

/* Sets k to a large value, with requests in front of it and behind it, in one piece. */
static void send_large(int fd, const char *before, const char *value, const char *after)
{
	GString *all = g_string_new(before);

	g_string_append(all, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$67108864\r\n");
	g_string_append_len(all, value, (gssize)LARGE_SIZE);
	g_string_append(all, "\r\n");
	g_string_append(all, after);
	client_send(fd, all->str, all->len);
	g_string_free(all, true);
}

/* Beside the value that is kept there is one more copy at most, coming in or going out; and what is
 * deleted is given back. */
static void a_large_value_needs_one_more_copy(void)
{
	char *value = client_pattern(LARGE_SIZE, 5);
	struct shinyd shinyd = { 0 };
	struct serving serving;
	long long base;
	int fd;

	if (SANITIZED) {
		harness_skip("the address sanitizer keeps freed memory");
	}
	fd = redis_start(&shinyd, &serving, "%s", "");
	base = status_of(serving.worker, "VmRSS:");
	send_large(fd, "", value, "GET k\r\n");
	client_expect(fd, OK);
	expect_large(fd, value);
	redis_expect(fd, "DEL k", ":1\r\n");
	send_large(fd, "MULTI\r\n", value, "EXEC\r\n");
	client_expect(fd, OK "+QUEUED\r\n*1\r\n" OK);
	g_assert_cmpint(status_of(serving.worker, "VmHWM:"), <=, base + 2 * LARGE + SPARE);
	redis_send(fd, "GET k");
	expect_large(fd, value);
	redis_expect(fd, "DEL k", ":1\r\n");
	while (status_of(serving.worker, "VmRSS:") > base + SPARE) {
		redis_expect(fd, "PING", "+PONG\r\n");
		g_usleep(1000);
	}
	g_free(value);
	redis_finish(&shinyd, fd);
}

static void a_policy_can_be_set(void)
{
	static const struct exchange exchanges[] = {
		{ "CONFIG SET maxmemory-policy ALLKEYS-LRU", OK },
		{ "CONFIG GET maxmemory-policy",
		  "*2\r\n$16\r\nmaxmemory-policy\r\n$11\r\nallkeys-lru\r\n" },
		{ "CONFIG SET maxmemory-policy none",
		  "-ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - "
		  "argument(s) must be one of the following: noeviction, allkeys-lru, "
		  "allkeys-random, volatile-ttl\r\n" },
		{ "CONFIG SET maxmemory x",
		  "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument "
		  "must be a memory value\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/memory");
	harness_add_slow("/a-full-one-refuses-what-grows", a_full_one_refuses_what_grows, 60);
	harness_add_slow("/each-policy-makes-room", each_policy_makes_room, 120);
	harness_add_slow("/what-was-evicted-does-not-come-back",
			 what_was_evicted_does_not_come_back, 120);
	harness_add_slow("/a-large-value-needs-one-more-copy", a_large_value_needs_one_more_copy,
			 60);
	harness_add("/a-policy-can-be-set", a_policy_can_be_set);
	return harness_run();
}
