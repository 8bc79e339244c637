/* SPDX-License-Identifier: MIT */
/*
 * redis-lite's commands on keys and values: what they reply, and that the append-only file has what
 * came of them.
 */
#include "client.h"
#include "harness.h"
#include "random-requests.h"
#include "redis.h"

#include <string.h>
#include <unistd.h>

#define OK	    "+OK\r\n"
#define NIL	    "$-1\r\n"
#define YES	    ":1\r\n"
#define NO	    ":0\r\n"
#define EMPTY	    "$0\r\n\r\n"
#define NUMBER	    "-ERR value is not an integer or out of range\r\n"
#define FLOAT	    "-ERR value is not a valid float\r\n"
#define SYNTAX	    "-ERR syntax error\r\n"
#define TOO_LONG    "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"
#define NO_KEY	    "-ERR no such key\r\n"
#define NO_DB	    "-ERR DB index is out of range\r\n"
#define SAME	    "-ERR source and destination objects are the same\r\n"
#define BIT_OFFSET  "-ERR bit offset is not an integer or out of range\r\n"
#define ARITY(name) "-ERR wrong number of arguments for '" name "' command\r\n"

static void commands_that_set(void)
{
	static const struct exchange exchanges[] = {
		{ "SETNX k v", YES },
		{ "SETNX k w", NO },
		{ "GETSET k w", "$1\r\nv\r\n" },
		{ "GETSET other v", NIL },
		{ "SETEX k 100 x", OK },
		{ "TTL k", ":100\r\n" },
		{ "GETSET k y", "$1\r\nx\r\n" },
		{ "TTL k", ":-1\r\n" },
		{ "PSETEX k 100000 x", OK },
		{ "TTL k", ":100\r\n" },
		{ "SETEX k 0 v", "-ERR invalid expire time in 'setex' command\r\n" },
		{ "PSETEX k -1 v", "-ERR invalid expire time in 'psetex' command\r\n" },
		{ "SETEX k x v", NUMBER },
		{ "SETEX k 1", ARITY("setex") },
		{ "MSETNX a 1 k 2", NO },
		{ "EXISTS a", NO },
		{ "MSETNX a 1 b 2 a 3", YES },
		{ "MGET a b", "*2\r\n$1\r\n3\r\n$1\r\n2\r\n" },
		{ "MSETNX a 1 b", ARITY("msetnx") },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void commands_that_get(void)
{
	static const struct exchange exchanges[] = {
		{ "GETDEL k", NIL },
		{ "GETEX k EX 0", NIL },
		{ "SET k v", OK },
		{ "GETEX k", "$1\r\nv\r\n" },
		{ "GETEX k EX 100", "$1\r\nv\r\n" },
		{ "TTL k", ":100\r\n" },
		{ "GETEX k", "$1\r\nv\r\n" },
		{ "TTL k", ":100\r\n" },
		{ "GETEX k PERSIST", "$1\r\nv\r\n" },
		{ "TTL k", ":-1\r\n" },
		{ "GETEX k PX 0", "-ERR invalid expire time in 'getex' command\r\n" },
		{ "GETEX k EX x", NUMBER },
		{ "GETEX k EX 1 PX 1", SYNTAX },
		{ "GETEX k EX 1 PERSIST", SYNTAX },
		{ "GETEX k KEEPTTL", SYNTAX },
		{ "GETEX k NX", SYNTAX },
		{ "GETEX k EX", SYNTAX },
		{ "GETEX k EXAT 1", "$1\r\nv\r\n" },
		{ "EXISTS k", NO },
		{ "SET k v", OK },
		{ "GETDEL k", "$1\r\nv\r\n" },
		{ "EXISTS k", NO },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void commands_on_parts(void)
{
	static const struct exchange exchanges[] = {
		{ "LCS k x", "$0\r\n\r\n" },
		{ "LCS k x LEN IDX",
		  "-ERR If you want both the length and indexes, please just use IDX.\r\n" },
		{ "MSET {a}1 ohmytext {a}2 mynewtext", OK },
		{ "LCS {a}1 {a}2", "$6\r\nmytext\r\n" },
		{ "LCS {a}1 {a}2 LEN", ":6\r\n" },
		{ "LCS {a}1 {a}2 IDX MINMATCHLEN 4 WITHMATCHLEN",
		  "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n"
		  ":4\r\n$3\r\nlen\r\n:6\r\n" },
		{ "STRLEN k", NO },
		{ "APPEND k Hello", ":5\r\n" },
		{ "APPEND k World", ":10\r\n" },
		{ "STRLEN k", ":10\r\n" },
		{ "GETRANGE k 0 4", "$5\r\nHello\r\n" },
		{ "GETRANGE k -5 -1", "$5\r\nWorld\r\n" },
		{ "GETRANGE k 4 100", "$6\r\noWorld\r\n" },
		{ "GETRANGE k -100 0", "$1\r\nH\r\n" },
		{ "GETRANGE k 5 4", EMPTY },
		{ "GETRANGE k -1 -5", EMPTY },
		{ "GETRANGE k 9223372036854775807 9223372036854775807", EMPTY },
		{ "GETRANGE none 0 -1", EMPTY },
		{ "GETRANGE none 0 x", NUMBER },
		{ "SUBSTR k 0 0", "$1\r\nH\r\n" },
		{ "SETRANGE k 5 Redis", ":10\r\n" },
		{ "SETRANGE k 9 !", ":10\r\n" },
		{ "GET k", "$10\r\nHelloRedi!\r\n" },
		{ "EXPIRE k 100", YES },
		{ "APPEND k .", ":11\r\n" },
		{ "TTL k", ":100\r\n" },
		{ "SETRANGE none 5 ", NO },
		{ "EXISTS none", NO },
		{ "SETRANGE k 0 ", ":11\r\n" },
		{ "SETRANGE k x v", NUMBER },
		{ "SETRANGE k -1 v", "-ERR offset is out of range\r\n" },
		{ "SETRANGE k 536870912 v", TOO_LONG },
		{ "SETRANGE k 9223372036854775807 v", TOO_LONG },
		{ "APPEND none ", NO },
		{ "EXISTS none", YES },
		{ "APPEND k", ARITY("append") },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void commands_on_bits(void)
{
	static const struct exchange exchanges[] = {
		{ "GETBIT k 0", NO },
		{ "BITCOUNT k", NO },
		{ "BITCOUNT k 0", NO },
		{ "SETBIT k 7 1", NO },
		{ "SETBIT k 7 1", YES },
		{ "STRLEN k", YES },
		{ "SETBIT k 17 0", NO },
		{ "STRLEN k", ":3\r\n" },
		{ "GETBIT k 7", YES },
		{ "GETBIT k 6", NO },
		{ "GETBIT k 1000", NO },
		{ "SETBIT k 7 0", YES },
		{ "BITCOUNT k", NO },
		{ "SET k foobar", OK },
		{ "BITCOUNT k", ":26\r\n" },
		{ "BITCOUNT k 0 0", ":4\r\n" },
		{ "BITCOUNT k 1 1 BYTE", ":6\r\n" },
		{ "BITCOUNT k 5 30 BIT", ":17\r\n" },
		{ "BITCOUNT k -8 -1 bit", ":4\r\n" },
		{ "BITCOUNT k 5 4 BIT", NO },
		{ "BITCOUNT k 9223372036854775807 4", NO },
		{ "BITCOUNT k 0", SYNTAX },
		{ "BITCOUNT k 0 1 NONE", SYNTAX },
		{ "BITCOUNT k 0 1 BIT BIT", SYNTAX },
		{ "BITCOUNT k -1 -2 NONE", NO }, /* nothing is nothing in any unit */
		{ "BITCOUNT k 0 x BIT BIT", SYNTAX },
		{ "BITCOUNT k 0 x NONE", NUMBER },
		{ "BITCOUNT k 0 x", NUMBER },
		{ "SETBIT k 4294967296 1", BIT_OFFSET },
		{ "SETBIT k -1 1", BIT_OFFSET },
		{ "GETBIT k x", BIT_OFFSET },
		{ "SETBIT k 0 2", "-ERR bit is not an integer or out of range\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void floats(void)
{
	static const struct exchange exchanges[] = {
		{ "INCRBYFLOAT k 10.50", "$4\r\n10.5\r\n" },
		{ "INCRBYFLOAT k 0.1", "$4\r\n10.6\r\n" },
		{ "INCRBYFLOAT k -5", "$3\r\n5.6\r\n" },
		{ "EXPIRE k 100", YES },
		{ "INCRBYFLOAT k 5.0e3", "$22\r\n5005.60000000000000009\r\n" },
		{ "TTL k", ":100\r\n" },
		{ "INCRBYFLOAT k x", FLOAT },
		{ "INCRBYFLOAT k inf", "-ERR increment would produce NaN or Infinity\r\n" },
		{ "SET k x", OK },
		{ "INCRBYFLOAT k 1", FLOAT },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void commands_that_move(void)
{
	static const struct exchange exchanges[] = {
		{ "RENAME k l", NO_KEY },
		{ "RENAME k k", NO_KEY },
		{ "RENAMENX k l", NO_KEY },
		{ "SET k v EX 100", OK },
		{ "RENAME k k", OK },
		{ "RENAMENX k k", NO },
		{ "SET l w", OK },
		{ "RENAMENX k l", NO },
		{ "RENAME k l", OK },
		{ "EXISTS k", NO },
		{ "GET l", "$1\r\nv\r\n" },
		{ "TTL l", ":100\r\n" },
		{ "RENAMENX l k", YES },
		{ "COPY k l", YES },
		{ "TTL l", ":100\r\n" },
		{ "APPEND l !", ":2\r\n" },
		{ "COPY k l", NO },
		{ "COPY k l REPLACE", YES },
		{ "GET l", "$1\r\nv\r\n" },
		{ "COPY k k", SAME },
		{ "COPY k k DB 0", SAME },
		{ "COPY k k DB 3 REPLACE", YES },
		{ "COPY none l", NO },
		{ "COPY k l DB", SYNTAX },
		{ "COPY k l NONE", SYNTAX },
		{ "COPY k l DB x", NUMBER },
		{ "COPY k l DB 16", NO_DB },
		{ "MOVE l 3", YES },
		{ "MOVE l 3", NO },
		{ "MOVE k 3", NO },
		{ "MOVE k 0", SAME },
		{ "MOVE k -1", NO_DB },
		{ "SELECT 3", OK },
		{ "MGET k l", "*2\r\n$1\r\nv\r\n$1\r\nv\r\n" },
		{ "TTL l", ":100\r\n" },
		{ "SWAPDB 0 3", OK },
		{ "MGET k l", "*2\r\n$1\r\nv\r\n$-1\r\n" },
		{ "SWAPDB 0 16", NO_DB },
		{ "SWAPDB x 0", "-ERR invalid first DB index\r\n" },
		{ "SWAPDB 0 99999999999", "-ERR invalid second DB index\r\n" },
		{ "SELECT 0", OK },
		{ "UNLINK k k l", ":2\r\n" },
		{ "TOUCH k l", NO },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void commands_on_keys(void)
{
	static const struct exchange exchanges[] = {
		{ "RANDOMKEY", NIL },
		{ "SET k v", OK },
		{ "RANDOMKEY", "$1\r\nk\r\n" },
		{ "TOUCH k k none", ":2\r\n" },
		{ "EXPIRETIME none", ":-2\r\n" },
		{ "PEXPIRETIME k", ":-1\r\n" },
		{ "PEXPIREAT k 33177117420999", YES },
		{ "PEXPIRETIME k", ":33177117420999\r\n" },
		{ "EXPIRETIME k", ":33177117421\r\n" },
		{ "PEXPIREAT k 33177117420998 GT", NO },
		{ "SET l v PXAT 9223372036854775807", OK },
		{ "EXPIRETIME l", ":9223372036854776\r\n" },
		{ "PEXPIRETIME l", ":9223372036854775807\r\n" },
		{ "EXPIREAT k 33177117422 GT", YES },
		{ "EXPIREAT k 33177117421 NX", NO },
		{ "PEXPIRE k 1000000 XX LT", YES },
		{ "TTL k", ":1000\r\n" },
		{ "OBJECT IDLETIME k", "-ERR idle times are not tracked\r\n" },
		{ "MEMORY USAGE none", NIL },
		{ "DEL k", YES },
		{ "SET k v", OK },
		{ "MEMORY USAGE k", ":24\r\n" },
		{ "MEMORY USAGE k SAMPLES 5", ":24\r\n" },
		{ "MEMORY USAGE k SAMPLES -1", SYNTAX },
		{ "MEMORY USAGE k SAMPLES", SYNTAX },
		{ "TIME x", ARITY("time") },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

#define INT    "$3\r\nint\r\n"
#define EMBSTR "$6\r\nembstr\r\n"
#define RAW    "$3\r\nraw\r\n"
#define SHARED ":2147483647\r\n"

/* As Redis would keep it. */
static void objects_are_described(void)
{
	static const struct exchange exchanges[] = {
		{ "OBJECT ENCODING k", NIL },
		{ "APPEND k 123", ":3\r\n" },
		{ "OBJECT ENCODING k", INT },
		{ "OBJECT REFCOUNT k", SHARED },
		{ "APPEND k 4", ":4\r\n" },
		{ "OBJECT ENCODING k", RAW },
		{ "OBJECT REFCOUNT k", YES },
		{ "EXPIRE k 1000", YES },
		{ "OBJECT ENCODING k", RAW },
		{ "RENAME k l", OK },
		{ "OBJECT ENCODING l", RAW },
		{ "COPY l k", YES },
		{ "MOVE l 1", YES },
		{ "OBJECT ENCODING k", RAW },
		{ "INCR k", ":1235\r\n" },
		{ "OBJECT ENCODING k", INT },
		{ "SETRANGE k 1 0", ":4\r\n" },
		{ "OBJECT ENCODING k", RAW },
		{ "SET k 1236", OK },
		{ "OBJECT ENCODING k", INT },
		{ "SETBIT k 0 0", NO },
		{ "OBJECT ENCODING k", RAW },
		{ "SET k v", OK },
		{ "OBJECT ENCODING k", EMBSTR },
		{ "OBJECT REFCOUNT k", YES },
		{ "SET k 012345678901234567890123456789012345678901234", OK },
		{ "OBJECT ENCODING k", RAW },
		{ "SET k 9999", OK },
		{ "OBJECT REFCOUNT k", SHARED },
		{ "INCR k", ":10000\r\n" },
		{ "OBJECT REFCOUNT k", YES },
		{ "SET k -1", OK },
		{ "OBJECT REFCOUNT k", YES },
		{ "SET k 5", OK },
		{ "CONFIG SET maxmemory 1gb maxmemory-policy allkeys-lru", OK },
		{ "OBJECT REFCOUNT k", YES },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void random_keys_are_all_keys(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	redis_expect(fd, "MSET a 1 b 2 c 3 d 4 e 5 f 6 g 7 h 8", OK);
	while (g_hash_table_size(seen) < 8) { /* the harness ends it if that never comes */
		g_hash_table_add(seen, redis_ask(fd, "RANDOMKEY"));
	}
	g_hash_table_destroy(seen);
	redis_finish(&shinyd, fd);
}

static void time_is_the_time(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	gint64 before = g_get_real_time(), after, seconds, micros;
	char *reply = redis_ask(fd, "TIME"), **lines = g_strsplit(reply, "\r\n", -1);

	after = g_get_real_time();
	seconds = g_ascii_strtoll(lines[2], NULL, 10);
	micros = g_ascii_strtoll(lines[4], NULL, 10);
	g_assert_cmpint(seconds * G_USEC_PER_SEC + micros, >=, before);
	g_assert_cmpint(seconds * G_USEC_PER_SEC + micros, <=, after);
	g_strfreev(lines);
	g_free(reply);
	redis_finish(&shinyd, fd);
}

/* All the keys that random requests are about, with their values and when they expire. */
static char *contents(int fd)
{
	GString *all = g_string_new("");

	for (int db = 0; db < 16; db++) {
		char *select = g_strdup_printf("SELECT %d", db);

		redis_expect(fd, select, OK);
		g_free(select);
		for (int i = 0; i < 30; i++) {
			char *get = g_strdup_printf("GET key:%d", i);
			char *when = g_strdup_printf("PEXPIRETIME key:%d", i);
			char *left = redis_ask(fd, when);
			GString *value;

			redis_send(fd, get);
			value = redis_receive(fd);
			g_string_append_printf(all, "%d %s %s ", db, get, left);
			g_string_append_len(all, value->str, (gssize)value->len);
			g_string_free(value, TRUE);
			g_free(left);
			g_free(when);
			g_free(get);
		}
	}
	redis_expect(fd, "SELECT 0", OK);
	return g_string_free(all, FALSE);
}

static void ask_at_random(int fd)
{
	struct random_requests requests = random_requests(RANDOM_ANY, 500);

	client_send(fd, requests.data->str, requests.data->len);
	for (guint i = 0; i < requests.shown->len; i++) {
		g_string_free(redis_receive(fd), TRUE);
	}
	random_requests_free(&requests);
}

static int start_with_file(struct shinyd *shinyd, const char *dir)
{
	return redis_start(shinyd, NULL, "appendonly = yes\nappendfsync = no\ndir = %s\n", dir);
}

/* Whatever was asked, the file has what came of it, for redis-server too. */
static void a_file_has_what_came_of_requests(void)
{
	char *dir = harness_make_dir(), *before, *after, *theirs;
	struct shinyd shinyd = { 0 };
	struct child server;
	int fd = start_with_file(&shinyd, dir);

	for (int round = 0; round < 20; round++) {
		ask_at_random(fd);
	}
	before = contents(fd);
	redis_finish(&shinyd, fd);

	shinyd = (struct shinyd){ 0 };
	fd = start_with_file(&shinyd, dir);
	after = contents(fd);
	redis_finish(&shinyd, fd);
	g_assert_cmpstr(before, ==, after);

	fd = redis_server_start(&server, dir, "--appendonly", "yes", NULL);
	theirs = contents(fd);
	close(fd);
	child_finish(&server);
	g_assert_cmpstr(before, ==, theirs);
	g_free(before);
	g_free(after);
	g_free(theirs);
	harness_remove_dir(dir);
}

/* 16 MiB by appending 16 bytes: copying the value each time would take hours. */
static void appending_is_not_quadratic(void)
{
	enum {
		PIECE = 16,
		ROUNDS = 1024,
		PIPELINE = 1024
	};
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	GString *requests = g_string_new(""), *replies;

	for (int i = 0; i < PIPELINE; i++) {
		g_string_append(requests,
				"*3\r\n$6\r\nAPPEND\r\n$1\r\nk\r\n$16\r\n0123456789abcdef\r\n");
	}
	for (int round = 0; round < ROUNDS; round++) {
		replies = g_string_new("");
		for (int i = 1; i <= PIPELINE; i++) {
			g_string_append_printf(replies, ":%d\r\n", (round * PIPELINE + i) * PIECE);
		}
		client_send(fd, requests->str, requests->len);
		client_expect_bytes(fd, replies->str, replies->len);
		g_string_free(replies, TRUE);
	}
	redis_expect(fd, "GETRANGE k 16777200 -1", "$16\r\n0123456789abcdef\r\n");
	g_string_free(requests, TRUE);
	redis_finish(&shinyd, fd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/values");
	harness_add("/commands/set", commands_that_set);
	harness_add("/commands/get", commands_that_get);
	harness_add("/commands/parts", commands_on_parts);
	harness_add("/commands/bits", commands_on_bits);
	harness_add("/commands/floats", floats);
	harness_add("/commands/move", commands_that_move);
	harness_add("/commands/keys", commands_on_keys);
	harness_add("/objects-are-described", objects_are_described);
	harness_add("/commands/randomkey-finds-all", random_keys_are_all_keys);
	harness_add("/commands/time-is-the-time", time_is_the_time);
	harness_add_slow("/a-file-has-what-came-of-requests", a_file_has_what_came_of_requests, 60);
	harness_add_slow("/appending-is-not-quadratic", appending_is_not_quadratic, 60);
	return harness_run();
}
