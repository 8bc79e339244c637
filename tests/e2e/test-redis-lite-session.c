/* SPDX-License-Identifier: MIT */
/*
 * What a connection to redis-lite may say about itself, and what it then gets.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OK  "+OK\r\n"
#define NIL "$-1\r\n"

static void hello_switches_the_protocol(void)
{
	static const char *const hello = "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"
					 "$7\r\nversion\r\n$6\r\n7.0.15\r\n"
					 "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:";
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	char *reply;

	redis_expect(fd, "GET none", NIL);
	reply = redis_ask(fd, "HELLO 3");
	g_assert_true(g_str_has_prefix(reply, hello));
	g_free(reply);
	redis_expect(fd, "GET none", "_\r\n");
	reply = redis_ask(fd, "HELLO");
	g_assert_true(g_str_has_prefix(reply, hello));
	g_free(reply);
	reply = redis_ask(fd, "HELLO 2");
	g_assert_true(g_str_has_prefix(reply, "*14\r\n"));
	g_free(reply);
	redis_expect(fd, "GET none", NIL);
	redis_finish(&shinyd, fd);
}

static void resp3_names_the_kinds_of_replies(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	g_free(redis_ask(fd, "HELLO 3 SETNAME me"));
	redis_expect(fd, "CLIENT GETNAME", "$2\r\nme\r\n");
	redis_expect(fd, "MGET none", "*1\r\n_\r\n");
	redis_expect(fd, "SET k v NX GET", "_\r\n");
	redis_expect(fd, "CONFIG GET appendonly", "%1\r\n$10\r\nappendonly\r\n$2\r\nno\r\n");
	redis_expect(fd, "INFO none", "=4\r\ntxt:\r\n");
	redis_expect(fd, "COMMAND DOCS none", "%0\r\n");
	redis_finish(&shinyd, fd);
}

#define NOAUTH	  "-NOAUTH Authentication required.\r\n"
#define WRONGPASS "-WRONGPASS invalid username-password pair or user is disabled.\r\n"

static int start_with_password(struct shinyd *shinyd, struct serving *ret_serving)
{
	umask(077); /* a file that holds a secret is not for everybody */
	return redis_start(shinyd, ret_serving, "requirepass = s3cret\n");
}

static void a_password_is_asked_for_first(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = start_with_password(&shinyd, &serving);
	char *reply;

	redis_expect(fd, "PING", NOAUTH);
	redis_expect(fd, "MULTI", NOAUTH);
	redis_expect(fd, "GET", "-ERR wrong number of arguments for 'get' command\r\n");
	redis_expect(fd, "AUTH a b c", "-ERR syntax error\r\n");
	redis_expect(fd, "AUTH s3cre", WRONGPASS);
	redis_expect(fd, "AUTH s3cret0", WRONGPASS);
	redis_expect(fd, "AUTH ", WRONGPASS);
	redis_expect(fd, "AUTH other s3cret", WRONGPASS);
	redis_expect(fd, "PING", NOAUTH);
	redis_expect(fd, "AUTH s3cret", OK);
	redis_expect(fd, "PING", "+PONG\r\n");
	redis_expect(fd, "RESET", "+RESET\r\n");
	redis_expect(fd, "PING", NOAUTH);
	redis_expect(fd, "AUTH default s3cret", OK);
	redis_expect(fd, "PING", "+PONG\r\n");
	close(fd);

	fd = client_connect(serving.address);
	reply = redis_ask(fd, "HELLO 3");
	g_assert_true(g_str_has_prefix(reply, "-NOAUTH HELLO must be called with"));
	g_free(reply);
	redis_expect(fd, "HELLO 3 AUTH default other", WRONGPASS);
	reply = redis_ask(fd, "HELLO 3 AUTH default s3cret");
	g_assert_true(g_str_has_prefix(reply, "%7\r\n"));
	g_free(reply);
	redis_expect(fd, "GET none", "_\r\n");
	redis_finish(&shinyd, fd);
}

static void without_a_password_any_will_do(void)
{
	static const struct exchange exchanges[] = {
		{ "AUTH x", "-ERR AUTH <password> called without any password configured for the "
			    "default user. Are you sure your configuration is correct?\r\n" },
		{ "AUTH default x", OK },
		{ "AUTH other x", WRONGPASS },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

/* What was not asked for its password yet may not make the server hold much. */
static void requests_are_small_before_the_password(void)
{
	static const struct exchange broken[] = {
		{ "*11\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n" },
		{ "*2\r\n$4\r\nAUTH\r\n$16385\r\n",
		  "-ERR Protocol error: unauthenticated bulk length\r\n" },
		{ "*1\r\n$536870913\r\n", "-ERR Protocol error: invalid bulk length\r\n" },
	};
	char *value = client_pattern(20000, 1);
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = start_with_password(&shinyd, &serving);

	for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
		int other = client_connect(serving.address);

		client_send_text(other, broken[i].request);
		client_expect(other, broken[i].reply);
		client_expect_end(other);
		close(other);
	}
	/* In one pipeline: the second request is not looked at before the first has run. */
	client_send_text(fd, "AUTH s3cret\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$20000\r\n");
	client_send(fd, value, 20000);
	client_send_text(fd, "\r\n");
	client_expect(fd, OK OK);
	g_free(value);
	redis_finish(&shinyd, fd);
}

static void a_long_password_is_refused(void)
{
	char *password = g_strnfill(513, 'x');
	char *option = g_strconcat("cache.requirepass=", password, NULL);
	const char *const arguments[] = { "-o", option, NULL };

	shinyd_expect(3, "requirepass is longer than 512 bytes", arguments,
		      "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n");
	g_free(option);
	g_free(password);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/session");
	harness_add("/hello-switches-the-protocol", hello_switches_the_protocol);
	harness_add("/resp3-names-the-kinds-of-replies", resp3_names_the_kinds_of_replies);
	harness_add("/password/is-asked-for-first", a_password_is_asked_for_first);
	harness_add("/password/any-will-do-without", without_a_password_any_will_do);
	harness_add("/password/requests-are-small-before-it",
		    requests_are_small_before_the_password);
	harness_add("/password/a-long-one-is-refused", a_long_password_is_refused);
	return harness_run();
}
