/* SPDX-License-Identifier: MIT */
/*
 * Replies of redis-lite that are large, and those that are too large.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK    "+OK\r\n"
#define MIB   (1024 * 1024)
#define LARGE 700000

/* A value of zeros. */
static void set_large(int fd, const char *key, int size)
{
	char *request = g_strdup_printf("SETRANGE %s %d x", key, size - 1);
	char *reply = g_strdup_printf(":%d\r\n", size);

	redis_expect(fd, request, reply);
	g_free(request);
	g_free(reply);
}

static void expect_large(int fd, int size)
{
	char *head = g_strdup_printf("$%d\r\n", size), *value = g_malloc0((gsize)size);

	value[size - 1] = 'x';
	client_expect(fd, head);
	client_expect_bytes(fd, value, (size_t)size);
	client_expect(fd, "\r\n");
	g_free(head);
	g_free(value);
}

/* Each of these replies is larger than what may wait for a client, and none is a single piece. */
static void one_command_may_pass_max_output(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "max_output = 1M\n");

	set_large(fd, "m", LARGE);
	for (int round = 0; round < 2; round++) {
		redis_send(fd, "MGET m m m no m m");
		client_expect(fd, "*6\r\n");
		for (int i = 0; i < 6; i++) {
			i == 3 ? client_expect(fd, "$-1\r\n") : expect_large(fd, LARGE);
		}
	}
	client_send_text(fd, "MULTI\r\nGET m\r\nGET m\r\nGETRANGE m 0 -1\r\nMGET m m\r\nEXEC\r\n");
	client_expect(fd, "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*4\r\n");
	expect_large(fd, LARGE);
	expect_large(fd, LARGE);
	expect_large(fd, LARGE);
	client_expect(fd, "*2\r\n");
	expect_large(fd, LARGE);
	expect_large(fd, LARGE);
	redis_finish(&shinyd, fd);
}

static void fill_with_long_names(int fd, int count)
{
	char *name = g_strnfill(4000, 'n');

	for (int i = 0; i < count; i++) {
		char *request = g_strdup_printf("SET %s%d v", name, i);

		redis_expect(fd, request, OK);
		g_free(request);
	}
	g_free(name);
}

/* Nothing of what is told is too large for a small max_output. */
static void what_is_told_may_pass_it_too(void)
{
	static const char *const requests[] = {
		"COMMAND",
		"COMMAND DOCS",
		"COMMAND LIST",
		"CONFIG GET *",
		"INFO everything",
		"KEYS *",
		"SCAN 0 COUNT 100000",
		"CLIENT LIST",
		"CLIENT INFO",
		"COMMAND GETKEYS MGET a b c",
		"OBJECT HELP",
	};
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "max_output = 4K\nhigh_water = 4K\nlow_water = 1K\n");

	fill_with_long_names(fd, 50);
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		GString *reply;

		redis_send(fd, requests[i]);
		reply = redis_receive(fd);
		g_assert_cmpint(reply->str[0], !=, '-');
		g_string_free(reply, TRUE);
	}
	redis_finish(&shinyd, fd);
}

#define REFUSED "-ERR reply of "

static void expect_refused(int fd, const char *request)
{
	char *reply = redis_ask(fd, request);

	if (!g_str_has_prefix(reply, REFUSED) || !strstr(reply, "(max_reply)")) {
		harness_fail("%.100s: %.100s", request, reply);
	}
	g_free(reply);
}

/* Requests with an argument that is as large as what they would reply. */
static void expect_refused_with(int fd, const char *request, int size)
{
	char *arg = g_strnfill((gsize)size, 'a'), *whole = g_strconcat(request, " ", arg, NULL);

	expect_refused(fd, whole);
	g_free(whole);
	g_free(arg);
}

static char *repeated(const char *request, const char *word, int count)
{
	GString *text = g_string_new(request);

	for (int i = 0; i < count; i++) {
		g_string_append_printf(text, " %s", word);
	}
	return g_string_free(text, FALSE);
}

static void more_than_max_reply_is_refused(void)
{
	static const char *const requests[] = {
		"GET m",	  "GETRANGE m 0 -1",	 "SUBSTR m 5 2000000",
		"MGET half half", "MGET a half m",	 "KEYS *",
		"KEYS n*",	  "SCAN 0 COUNT 100000",
	};
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "max_reply = 1M\n");
	char *request;

	set_large(fd, "m", 2 * MIB);
	set_large(fd, "half", MIB / 2);
	redis_expect(fd, "SET a 1", OK);
	fill_with_long_names(fd, 300);
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		expect_refused(fd, requests[i]);
	}
	expect_refused_with(fd, "ECHO", 2 * MIB);
	expect_refused_with(fd, "PING", 2 * MIB);
	expect_refused_with(fd, "COMMAND GETKEYS GET", 2 * MIB);
	request = repeated("COMMAND DOCS", "set", 3000);
	expect_refused(fd, request);
	g_free(request);
	request = repeated("COMMAND INFO", "set", 10000);
	expect_refused(fd, request);
	g_free(request);
	redis_expect(fd, "CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 5000", OK);
	request = repeated("EXISTS", "an-argument-of-the-log", 40);
	for (int i = 0; i < 1500; i++) {
		redis_expect(fd, request, ":0\r\n");
	}
	g_free(request);
	expect_refused(fd, "SLOWLOG GET -1");
	request = repeated("LATENCY HISTOGRAM", "exists", 20000);
	expect_refused(fd, request);
	g_free(request);
	request = repeated("MGET", "half", 1000);
	expect_refused(fd, request);
	g_free(request);

	redis_expect(fd, "KEYS a", "*1\r\n$1\r\na\r\n");
	redis_send(fd, "MGET half");
	client_expect(fd, "*1\r\n");
	expect_large(fd, MIB / 2);
	redis_finish(&shinyd, fd);
}

/* Each of them would reply with the value and change something. */
static void what_is_refused_changes_nothing(void)
{
	static const char *const requests[] = {
		"GETDEL m",
		"GETSET m v",
		"SET m v GET",
		"SET m v EX 100 GET",
		"GETEX m EX 100",
		"GETEX m PXAT 1",
		"GETEX m",
		"SET m v NX GET",
		"SET m v KEEPTTL GET",
	};
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "max_reply = 1M\n");

	set_large(fd, "m", 2 * MIB);
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		expect_refused(fd, requests[i]);
		redis_expect(fd, "STRLEN m", ":2097152\r\n");
		redis_expect(fd, "TTL m", ":-1\r\n");
	}
	/* What replies go nowhere are never too large. */
	client_send_text(fd, "CLIENT REPLY SKIP\r\nGETDEL m\r\nEXISTS m\r\n");
	client_expect(fd, ":0\r\n");
	redis_finish(&shinyd, fd);
}

/* It is whole; what would pass the limit of all its replies has an error in its place. */
static void a_transaction_has_one_limit_for_all_replies(void)
{
	static const char transaction[] = "MULTI\r\nSET a 1\r\nGET m\r\nGET m\r\nINCR a\r\n"
					  "GETDEL m\r\nMGET a m\r\nINCR a\r\nEXEC\r\n";
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "max_reply = 1M\nmax_output = 1M\n");
	char *line;

	set_large(fd, "m", LARGE);
	for (int round = 0; round < 2; round++) {
		client_send_text(fd, transaction);
		client_expect(fd, OK);
		for (int i = 0; i < 7; i++) {
			client_expect(fd, "+QUEUED\r\n");
		}
		client_expect(fd, "*7\r\n+OK\r\n");
		expect_large(fd, LARGE);
		for (int i = 2; i < 6; i++) {
			line = client_receive_line(fd);
			if (i == 3) {
				g_assert_cmpstr(line, ==, ":2\r\n");
			} else if (!strstr(line, "the replies of a transaction may have 1048576")) {
				harness_fail("reply %d: %s", i, line);
			}
			g_free(line);
		}
		client_expect(fd, ":3\r\n");
		redis_expect(fd, "STRLEN m", ":700000\r\n");
	}
	redis_finish(&shinyd, fd);
}

#define CLIENTS 260

/* With names of 4,096 bytes each. */
static void a_list_of_many_clients_is_whole_or_refused(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "max_reply = 1M\nmax_output = 64K\n");
	int fds[CLIENTS];
	char *name = g_strnfill(4096, 'c'), *set_name = g_strconcat("CLIENT SETNAME ", name, NULL);
	GString *reply;

	for (int i = 0; i < CLIENTS; i++) {
		if (i == CLIENTS / 2) {
			redis_send(fd, "CLIENT LIST");
			reply = redis_receive(fd);
			g_assert_cmpuint(reply->len, >, 4096 * CLIENTS / 2);
			g_string_free(reply, TRUE);
		}
		fds[i] = client_connect(serving.address);
		redis_expect(fds[i], set_name, OK);
	}
	expect_refused(fd, "CLIENT LIST");
	for (int i = 0; i < CLIENTS; i++) {
		close(fds[i]);
	}
	g_free(set_name);
	g_free(name);
	redis_finish(&shinyd, fd);
}

/* While the one that asked for too much is told apart, and logged. */
static void a_reply_without_memory_ends_its_connection_only(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd, other;

	if (harness_sanitized()) {
		harness_skip("a sanitizer's shadow does not fit below a ceiling");
	}
	fd = redis_start(&shinyd, &serving, "memory = 256M\n");
	other = client_connect(serving.address);
	set_large(fd, "m", 50 * MIB);
	redis_send(other, "MGET m m m m m m");
	client_expect_reset(other);
	shinyd_expect_line(&shinyd, ": out of memory");
	close(other);
	redis_expect(fd, "STRLEN m", ":52428800\r\n");
	redis_expect(fd, "SET a 1", OK);
	redis_finish(&shinyd, fd);
}

static void wrong_limits_are_refused(void)
{
	shinyd_expect(3, "max_reply", NULL,
		      "[server a]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
		      "max_reply = 1000\n");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/reply");
	harness_add("/one-command-may-pass-max-output", one_command_may_pass_max_output);
	harness_add("/what-is-told-may-pass-it-too", what_is_told_may_pass_it_too);
	harness_add("/more-than-max-reply-is-refused", more_than_max_reply_is_refused);
	harness_add("/what-is-refused-changes-nothing", what_is_refused_changes_nothing);
	harness_add("/a-transaction-has-one-limit-for-all-replies",
		    a_transaction_has_one_limit_for_all_replies);
	harness_add("/a-list-of-many-clients-is-whole-or-refused",
		    a_list_of_many_clients_is_whole_or_refused);
	harness_add("/a-reply-without-memory-ends-its-connection-only",
		    a_reply_without_memory_ends_its_connection_only);
	harness_add("/wrong-limits-are-refused", wrong_limits_are_refused);
	return harness_run();
}
