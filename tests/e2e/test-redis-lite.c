/* SPDX-License-Identifier: MIT */
/*
 * redis-lite behind the real shinyd: its commands, and its protocol.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OK	    "+OK\r\n"
#define NIL	    "$-1\r\n"
#define NO	    ":0\r\n"
#define YES	    ":1\r\n"
#define SYNTAX	    "-ERR syntax error\r\n"
#define NUMBER	    "-ERR value is not an integer or out of range\r\n"
#define ARITY(name) "-ERR wrong number of arguments for '" name "' command\r\n"

static void connection_commands(void)
{
	static const struct exchange exchanges[] = {
		{ "PING", "+PONG\r\n" },
		{ "ping hello", "$5\r\nhello\r\n" },
		{ "PING a b", ARITY("ping") },
		{ "ECHO x", "$1\r\nx\r\n" },
		{ "ECHO", ARITY("echo") },
		{ "SELECT 15", OK },
		{ "SELECT 16", "-ERR DB index is out of range\r\n" },
		{ "SELECT x", NUMBER },
		{ "SELECT 99999999999",
		  "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n" },
		{ "CLIENT GETNAME", NIL },
		{ "CLIENT SETNAME me", OK },
		{ "CLIENT GETNAME", "$2\r\nme\r\n" },
		{ "CLIENT SETNAME ", OK },
		{ "CLIENT GETNAME", NIL },
		{ "CLIENT SETNAME a\nb",
		  "-ERR Client names cannot contain spaces, newlines or special characters.\r\n" },
		{ "CLIENT SETINFO lib-name shiny", OK },
		{ "CLIENT SETINFO other shiny", "-ERR Unrecognized option 'other'\r\n" },
		{ "CLIENT ID x", ARITY("client|id") },
		{ "CLIENT", ARITY("client") },
		{ "CLIENT NONE", "-ERR unknown subcommand 'NONE'. Try CLIENT HELP.\r\n" },
		{ "HELLO 4", "-NOPROTO unsupported protocol version\r\n" },
		{ "HELLO x", "-ERR Protocol version is not an integer or out of range\r\n" },
		{ "HELLO 2 NONE", "-ERR Syntax error in HELLO option 'NONE'\r\n" },
		{ "HELLO 2 AUTH a b",
		  "-WRONGPASS invalid username-password pair or user is disabled.\r\n" },
		{ "NONE a b",
		  "-ERR unknown command 'NONE', with args beginning with: 'a' 'b' \r\n" },
		{ "NO\r\nNE", "-ERR unknown command 'NO  NE', with args beginning with: \r\n" },
		{ " ", "-ERR unknown command '', with args beginning with: '' \r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void string_commands(void)
{
	static const struct exchange exchanges[] = {
		{ "GET k", NIL },
		{ "SET k v", OK },
		{ "GET k", "$1\r\nv\r\n" },
		{ "SET k", ARITY("set") },
		{ "SET k w NX", NIL },
		{ "SET k w XX", OK },
		{ "SET other w XX", NIL },
		{ "SET k x GET", "$1\r\nw\r\n" },
		{ "SET new x GET", NIL },
		{ "SET k y NX GET", "$1\r\nx\r\n" },
		{ "GET k", "$1\r\nx\r\n" },
		{ "SET k v NX XX", SYNTAX },
		{ "SET k v EX", SYNTAX },
		{ "SET k v EX 1 PX 1", SYNTAX },
		{ "SET k v EX 1 KEEPTTL", SYNTAX },
		{ "SET k v NONE", SYNTAX },
		{ "SET k v EX x", NUMBER },
		{ "SET k v EX 0", "-ERR invalid expire time in 'set' command\r\n" },
		{ "SET k v PX -1", "-ERR invalid expire time in 'set' command\r\n" },
		{ "SET k v EX 9223372036854775807",
		  "-ERR invalid expire time in 'set' command\r\n" },
		{ "SET k v PXAT 1", OK },
		{ "GET k", NIL },
		{ "MSET a 1 b 2 a 3", OK },
		{ "MGET a none b", "*3\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n" },
		{ "MSET a", ARITY("mset") },
		{ "MSET a 1 b", ARITY("mset") },
		{ "INCR n", YES },
		{ "INCRBY n 41", ":42\r\n" },
		{ "DECR n", ":41\r\n" },
		{ "DECRBY n 50", ":-9\r\n" },
		{ "GET n", "$2\r\n-9\r\n" },
		{ "INCRBY n 1.5", NUMBER },
		{ "DECRBY n -9223372036854775808", "-ERR decrement would overflow\r\n" },
		{ "SET n 9223372036854775807", OK },
		{ "INCR n", "-ERR increment or decrement would overflow\r\n" },
		{ "SET n 01", OK },
		{ "INCR n", NUMBER },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void key_commands(void)
{
	static const struct exchange exchanges[] = {
		{ "MSET a 1 b 2 c 3", OK },
		{ "EXISTS a b a none", ":3\r\n" },
		{ "TYPE a", "+string\r\n" },
		{ "TYPE none", "+none\r\n" },
		{ "DBSIZE", ":3\r\n" },
		{ "DEL a none b", ":2\r\n" },
		{ "KEYS *", "*1\r\n$1\r\nc\r\n" },
		{ "KEYS [ab]", "*0\r\n" },
		{ "SCAN 0", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nc\r\n" },
		{ "SCAN 0 MATCH x* COUNT 100", "*2\r\n$1\r\n0\r\n*0\r\n" },
		{ "SCAN 0 TYPE string COUNT 100", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nc\r\n" },
		{ "SCAN 0 TYPE hash COUNT 100", "*2\r\n$1\r\n0\r\n*0\r\n" },
		{ "SCAN x", "-ERR invalid cursor\r\n" },
		{ "SCAN 0 COUNT 0", SYNTAX },
		{ "SCAN 0 COUNT x", NUMBER },
		{ "SCAN 0 MATCH", SYNTAX },
		{ "SCAN 0 NONE x", SYNTAX },
		{ "SELECT 1", OK },
		{ "DBSIZE", NO },
		{ "SET a 1", OK },
		{ "FLUSHDB NONE", SYNTAX },
		{ "FLUSHDB", OK },
		{ "DBSIZE", NO },
		{ "SELECT 0", OK },
		{ "DBSIZE", YES },
		{ "FLUSHALL ASYNC", OK },
		{ "DBSIZE", NO },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void expiry_commands(void)
{
	static const struct exchange exchanges[] = {
		{ "TTL k", ":-2\r\n" },
		{ "SET k v", OK },
		{ "TTL k", ":-1\r\n" },
		{ "EXPIRE k 100", YES },
		{ "TTL k", ":100\r\n" },
		{ "EXPIRE k 200 NX", NO },
		{ "EXPIRE k 50 GT", NO },
		{ "EXPIRE k 200 GT", YES },
		{ "EXPIRE k 300 LT", NO },
		{ "EXPIRE k 100 XX LT", YES },
		{ "TTL k", ":100\r\n" },
		{ "SET k w KEEPTTL", OK },
		{ "TTL k", ":100\r\n" },
		{ "INCR k", NUMBER },
		{ "SET k 1 KEEPTTL", OK },
		{ "INCR k", ":2\r\n" },
		{ "TTL k", ":100\r\n" },
		{ "PERSIST k", YES },
		{ "PERSIST k", NO },
		{ "TTL k", ":-1\r\n" },
		{ "EXPIRE k 100 GT", NO },
		{ "EXPIRE k 100 LT", YES },
		{ "SET k v", OK },
		{ "PTTL k", ":-1\r\n" },
		{ "PEXPIRE k x", NUMBER },
		{ "EXPIRE k 9223372036854775807",
		  "-ERR invalid expire time in 'expire' command\r\n" },
		{ "EXPIRE k 1 NONE", "-ERR Unsupported option NONE\r\n" },
		{ "EXPIRE k 1 NX XX",
		  "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n" },
		{ "EXPIRE k 1 GT LT",
		  "-ERR GT and LT options at the same time are not compatible\r\n" },
		{ "EXPIRE none 1", NO },
		{ "PEXPIREAT k 1", YES },
		{ "EXISTS k", NO },
		{ "SET k v PX 1000000", OK },
		{ "EXPIRE k -1", YES },
		{ "GET k", NIL },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void server_commands(void)
{
	static const struct exchange exchanges[] = {
		{ "COMMAND COUNT x", ARITY("command|count") },
		{ "COMMAND NONE", "-ERR unknown subcommand 'NONE'. Try COMMAND HELP.\r\n" },
		{ "COMMAND INFO none", "*1\r\n$-1\r\n" },
		{ "COMMAND DOCS none", "*0\r\n" },
		{ "CONFIG GET", ARITY("config|get") },
		{ "CONFIG GET appendonly", "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n" },
		{ "CONFIG GET APPENDONLY none save",
		  "*4\r\n$10\r\nAPPENDONLY\r\n$2\r\nno\r\n$4\r\nsave\r\n$0\r\n\r\n" },
		{ "INFO none", "$0\r\n\r\n" },
		{ "SHUTDOWN NONE", SYNTAX },
		{ "SHUTDOWN", "-ERR SHUTDOWN is not allowed. It needs allow_shutdown = yes, and a "
			      "client on the same machine.\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void info_has_redis_names(void)
{
	static const char *const fields[] = {
		"# Server\r\nredis_version:7.0.15\r\n",
		"\r\nconnected_clients:1\r\n",
		"\r\nused_memory:",
		"\r\ntracking_clients:0\r\n",
		"\r\nrdb_bgsave_in_progress:0\r\n",
		"\r\naof_enabled:0\r\n",
		"\r\nrole:master\r\n",
		"\r\n# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n",
		"\r\nkeyspace_misses:1\r\n",
	};
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	char *info;

	redis_expect(fd, "SET k v", OK);
	redis_expect(fd, "GET none", NIL);
	info = redis_ask(fd, "INFO");
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (!strstr(info, fields[i])) {
			harness_fail("no \"%s\" in:\n%s", fields[i], info);
		}
	}
	g_free(info);
	redis_finish(&shinyd, fd);
}

/* A field of INFO, as a number. */
static long long info(int fd, const char *field)
{
	char *text = redis_ask(fd, "INFO"), *found = strstr(text, field);
	long long value;

	g_assert_nonnull(found);
	value = atoll(found + strlen(field));
	g_free(text);
	return value;
}

static void info_tells_of_times_other_than_now(void)
{
	GString *request = g_string_new("MSET");
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	long long base = info(fd, "\nused_memory:"), peak, ttl;

	for (int i = 0; i < 10000; i++) {
		g_string_append_printf(request, " key:%d %0100d", i, i);
	}
	redis_expect(fd, request->str, OK);
	peak = info(fd, "\nused_memory_peak:");
	g_assert_cmpint(peak, >=, base + 1000000);
	redis_expect(fd, "FLUSHALL", OK);
	while (info(fd, "\nused_memory_dataset:") >= 1000000) { /* given back by and by */
	}
	g_assert_cmpint(info(fd, "\nused_memory_peak:"), >=, peak);
	redis_expect(fd, "MSET a 1 b 2 c 3", OK);
	redis_expect(fd, "EXPIRE a 1000", ":1\r\n");
	redis_expect(fd, "EXPIRE b 3000", ":1\r\n");
	do { /* the harness ends it if that never comes */
		ttl = info(fd, "\ndb0:keys=3,expires=2,avg_ttl=");
	} while (ttl < 1900000 || ttl > 2000000);
	while (info(fd, "\ninstantaneous_ops_per_sec:") == 0) {
	}
	g_string_free(request, TRUE);
	redis_finish(&shinyd, fd);
}

static void expect_closing(const char *request, const char *reply)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", "");

	client_send_text(fd, request);
	client_expect(fd, reply);
	client_expect_end(fd);
	close(fd);
	redis_finish(&shinyd, client_connect(serving.address));
}

static void a_protocol_error_closes(void)
{
	expect_closing("*1\r\n$4\r\nPING\r\n*1\r\n!\r\n*1\r\n$4\r\nPING\r\n",
		       "+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n");
	expect_closing("get \"x\r\nPING\r\n",
		       "-ERR Protocol error: unbalanced quotes in request\r\n");
	expect_closing("*2\r\n$3\r\nGET\r\n$-1\r\n",
		       "-ERR Protocol error: invalid bulk length\r\n");
}

/* Such a request never ends, but its first bytes are no error. */
static void a_request_of_any_length_may_begin(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);

	client_send_text(other, "PING\r\n*2147483647\r\n");
	client_expect(other, "+PONG\r\n");
	client_send_text(other, "nothing that begins an argument of a request\r\n");
	client_expect(other, "-ERR Protocol error: expected '$', got 'n'\r\n");
	client_expect_end(other);
	close(other);
	redis_finish(&shinyd, fd);
}

/* What is left of it waits for the peer's end. */
static void who_has_quit_is_no_client(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);
	char *info;

	client_send_text(other, "QUIT\r\n");
	client_expect(other, OK);
	client_expect_end(other);
	info = redis_ask(fd, "INFO clients");
	g_assert_nonnull(strstr(info, "\r\nconnected_clients:1\r\n"));
	g_free(info);
	close(other);
	redis_finish(&shinyd, fd);
}

static void quit_closes(void)
{
	expect_closing("QUIT\r\nPING\r\n", OK);
}

static void a_browser_gets_no_answer(void)
{
	expect_closing("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nSET k v\r\n", "");
}

static void replies_to_inline_commands(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	client_send_text(fd, "SET \"a key\" 'a\tvalue'\r\n\r\nget \"a\\x20key\"\r\nPING\n");
	client_expect(fd, "+OK\r\n$7\r\na\tvalue\r\n+PONG\r\n");
	redis_finish(&shinyd, fd);
}

static void replies_to_one_byte_at_a_time(void)
{
	static const char request[] = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$12\r\nhello\r\nworld\r\n"
				      "*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n";
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	for (size_t i = 0; request[i]; i++) {
		client_send(fd, request + i, 1);
		g_usleep(100); /* so that most arrive alone */
	}
	client_expect(fd, "+OK\r\n$12\r\nhello\r\nworld\r\n+PONG\r\n");
	redis_finish(&shinyd, fd);
}

static void replies_before_a_half_close(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", "");

	client_send_text(fd, "PING\r\nPING\r\nGET unfinished");
	client_send_end(fd);
	client_expect(fd, "+PONG\r\n+PONG\r\n");
	client_expect_end(fd);
	close(fd);
	redis_finish(&shinyd, client_connect(serving.address));
}

static void any_pipeline_is_answered_in_order(void)
{
	enum {
		COUNT = 100000
	};
	GString *requests = g_string_new(""), *replies = g_string_new("");
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	for (int i = 0; i < COUNT; i++) {
		g_string_append_printf(requests, "INCR n\r\n");
		g_string_append_printf(replies, ":%d\r\n", i + 1);
	}
	client_send(fd, requests->str, requests->len);
	client_expect_bytes(fd, replies->str, replies->len);
	g_string_free(requests, TRUE);
	g_string_free(replies, TRUE);
	redis_finish(&shinyd, fd);
}

/* Replies of 100 MB to a client that does not read do not gather in the server. */
static void a_slow_reader_holds_its_pipeline_back(void)
{
	enum {
		COUNT = 1000,
		SIZE = 100000
	};
	char *value = client_pattern(SIZE, 3);
	GString *set = g_string_new("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n");
	GString *gets = g_string_new("");
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "max_output = 4M\n");

	g_string_append_len(set, value, SIZE);
	g_string_append(set, "\r\n");
	client_send(fd, set->str, set->len);
	client_expect(fd, OK);
	for (int i = 0; i < COUNT; i++) {
		g_string_append(gets, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
	}
	client_send(fd, gets->str, gets->len);
	for (int i = 0; i < COUNT; i++) {
		client_expect(fd, "$100000\r\n");
		client_expect_bytes(fd, value, SIZE);
		client_expect(fd, "\r\n");
	}
	g_string_free(gets, TRUE);
	g_string_free(set, TRUE);
	g_free(value);
	redis_finish(&shinyd, fd);
}

static void a_large_value_goes_in_and_out(void)
{
	enum {
		SIZE = 64 << 20
	};
	char *value = client_pattern(SIZE, 4), *back = g_malloc(SIZE);
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	client_send_text(fd, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$67108864\r\n");
	client_send(fd, value, SIZE);
	client_send_text(fd, "\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
	client_expect(fd, "+OK\r\n$67108864\r\n");
	client_receive(fd, back, SIZE);
	g_assert_cmpint(memcmp(value, back, SIZE), ==, 0);
	client_expect(fd, "\r\n");
	g_free(value);
	g_free(back);
	redis_finish(&shinyd, fd);
}

static void more_arguments_than_there_was_room_for(void)
{
	enum {
		COUNT = 200000
	};
	GString *request = g_string_new("");
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	g_string_append_printf(request, "PING\r\n*%d\r\n$4\r\nMSET\r\n", 2 * COUNT + 1);
	for (int i = 0; i < COUNT; i++) {
		g_string_append_printf(request, "$6\r\n%06d\r\n$1\r\nv\r\n", i);
	}
	client_send(fd, request->str, request->len);
	client_expect(fd, "+PONG\r\n+OK\r\n");
	redis_expect(fd, "DBSIZE", ":200000\r\n");
	g_string_free(request, TRUE);
	redis_finish(&shinyd, fd);
}

static void clients_have_their_own_databases(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);

	redis_expect(fd, "SELECT 3", OK);
	redis_expect(fd, "SET k three", OK);
	redis_expect(other, "GET k", NIL);
	redis_expect(other, "SELECT 3", OK);
	redis_expect(other, "GET k", "$5\r\nthree\r\n");
	redis_expect(fd, "SELECT 0", OK);
	redis_expect(fd, "GET k", NIL);
	close(other);
	redis_finish(&shinyd, fd);
}

static void expired_keys_go_unasked(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	char *size;

	redis_expect(fd, "SET kept v EX 1000", OK);
	for (int i = 0; i < 100; i++) {
		char *request = g_strdup_printf("SET k%d v PX 1", i);

		redis_expect(fd, request, OK);
		g_free(request);
	}
	while (strcmp(size = redis_ask(fd, "DBSIZE"), YES) != 0) {
		g_free(size);
		g_usleep(10000);
	}
	g_free(size);
	redis_finish(&shinyd, fd);
}

/*
 * Its replies are too many at once, and behind what waits for room stands the beginning of a large
 * request: what waits must not wait for the rest of that.
 */
static void an_unfinished_request_holds_nothing_back(void)
{
	static const char pipeline[] = "GET k\r\nGET k\r\nGET k\r\n"
				       "*3\r\n$3\r\nSET\r\n$1\r\nl\r\n$1000000\r\nbegun";
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	redis_expect(fd, "SETRANGE k 199999 x", ":200000\r\n");
	client_send_text(fd, pipeline);
	for (int i = 0; i < 3; i++) {
		GString *reply = redis_receive(fd);

		g_assert_cmpuint(reply->len, ==, strlen("$200000\r\n") + 200000 + strlen("\r\n"));
		g_string_free(reply, TRUE);
	}
	redis_finish(&shinyd, fd);
}

static void shutdown_ends_the_section_when_allowed(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "allow_shutdown = yes\n");

	redis_send(fd, "SHUTDOWN NOSAVE");
	client_expect_end(fd);
	close(fd);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	shinyd_finish(&shinyd);
}

static void settings_that_do_not_fit_are_refused(void)
{
	shinyd_expect(3, "appendonly = yes needs dir", NULL,
		      "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
		      "appendonly = yes\n");
	shinyd_expect(3, "appendfilename must be a name", NULL,
		      "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
		      "appendfilename = ../x\n");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite");
	harness_add("/commands/connection", connection_commands);
	harness_add("/commands/string", string_commands);
	harness_add("/commands/key", key_commands);
	harness_add("/commands/expiry", expiry_commands);
	harness_add("/commands/server", server_commands);
	harness_add("/commands/info-has-redis-names", info_has_redis_names);
	harness_add("/commands/info-tells-of-other-times", info_tells_of_times_other_than_now);
	harness_add("/protocol/an-error-closes", a_protocol_error_closes);
	harness_add("/protocol/a-request-of-any-length-may-begin",
		    a_request_of_any_length_may_begin);
	harness_add("/protocol/quit-closes", quit_closes);
	harness_add("/protocol/who-has-quit-is-no-client", who_has_quit_is_no_client);
	harness_add("/protocol/a-browser-gets-no-answer", a_browser_gets_no_answer);
	harness_add("/protocol/inline-commands", replies_to_inline_commands);
	harness_add("/protocol/one-byte-at-a-time", replies_to_one_byte_at_a_time);
	harness_add("/protocol/replies-before-a-half-close", replies_before_a_half_close);
	harness_add_slow("/pipeline/any-is-answered-in-order", any_pipeline_is_answered_in_order,
			 60);
	harness_add_slow("/pipeline/a-slow-reader-holds-it-back",
			 a_slow_reader_holds_its_pipeline_back, 60);
	harness_add("/pipeline/an-unfinished-request-holds-nothing-back",
		    an_unfinished_request_holds_nothing_back);
	harness_add_slow("/limits/a-large-value-goes-in-and-out", a_large_value_goes_in_and_out,
			 60);
	harness_add_slow("/limits/many-arguments", more_arguments_than_there_was_room_for, 60);
	harness_add("/clients-have-their-own-databases", clients_have_their_own_databases);
	harness_add("/expired-keys-go-unasked", expired_keys_go_unasked);
	harness_add("/shutdown-ends-the-section-when-allowed",
		    shutdown_ends_the_section_when_allowed);
	harness_add("/settings-that-do-not-fit-are-refused", settings_that_do_not_fit_are_refused);
	return harness_run();
}
