/* SPDX-License-Identifier: MIT */
/*
 * What a connection to redis-lite may say about itself, and what it then gets.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <stdlib.h>
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

static char *ask_format(int fd, const char *format, ...) G_GNUC_PRINTF(2, 3);

static char *ask_format(int fd, const char *format, ...)
{
	char *request, *reply;
	va_list args;

	va_start(args, format);
	request = g_strdup_vprintf(format, args);
	va_end(args);
	reply = redis_ask(fd, request);
	g_free(request);
	return reply;
}

/* The number in a reply of CLIENT ID, or in a field of CLIENT INFO. */
static long long number_in(char *reply, const char *before)
{
	const char *at = strstr(reply, before);
	long long number;

	g_assert_nonnull(at);
	number = atoll(at + strlen(before));
	g_free(reply);
	return number;
}

static void expect_in(char *text, const char *part)
{
	if (!strstr(text, part)) {
		harness_fail("no \"%s\" in:\n%s", part, text);
	}
}

static void clients_are_listed(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);
	char *local, *text;

	redis_expect(other, "CLIENT SETNAME you", OK);
	redis_expect(other, "SELECT 3", OK);
	redis_expect(other, "CLIENT SETINFO LIB-NAME shiny", OK);
	redis_expect(other, "CLIENT SETINFO LIB-VER a\nb",
		     "-ERR LIB-VER cannot contain spaces, newlines or special characters.\r\n");
	redis_expect(other, "MULTI", OK);
	redis_expect(other, "PING", "+QUEUED\r\n");
	text = redis_ask(fd, "CLIENT LIST");
	expect_in(text, " addr=127.0.0.1:");
	local = g_strdup_printf(" laddr=%s fd=", strstr(serving.address, "//") + 2);
	expect_in(text, local);
	expect_in(text, " name=you age=");
	expect_in(text, " flags=x db=3 sub=0 psub=0 ssub=0 multi=1 ");
	expect_in(text, " cmd=client|list user=default redir=-1 resp=2 lib-name= lib-ver=\n");
	expect_in(text, " lib-name=shiny lib-ver=\n");
	g_free(text);
	text = ask_format(fd, "CLIENT LIST ID %lld 1234",
			  number_in(redis_ask(fd, "CLIENT ID"), ":"));
	expect_in(text, " flags=N db=0 ");
	g_assert_null(strstr(text, "name=you"));
	g_free(text);
	g_free(local);
	text = redis_ask(fd, "CLIENT INFO");
	expect_in(text, " cmd=client|info user=default redir=-1 ");
	g_free(text);
	redis_expect(fd, "CLIENT TRACKING ON", OK);
	text = redis_ask(fd, "CLIENT INFO");
	expect_in(text, " flags=t ");
	expect_in(text, " redir=0 ");
	g_free(text);
	redis_expect(fd, "CLIENT LIST TYPE pubsub", "$0\r\n\r\n");
	redis_expect(fd, "CLIENT LIST TYPE x", "-ERR Unknown client type 'x'\r\n");
	redis_expect(fd, "CLIENT LIST ID x", "-ERR Invalid client ID\r\n");
	redis_expect(fd, "CLIENT LIST x", "-ERR syntax error\r\n");
	close(other);
	redis_finish(&shinyd, fd);
}

static void clients_of_a_unix_socket_are_told_apart(void)
{
	char *dir = harness_make_dir(), *address = g_strdup_printf("unix://%s/cache", dir);
	char *local, *text;
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "listen = %s\n", address);
	int other = client_connect(address);

	text = redis_ask(other, "CLIENT INFO");
	local = g_strdup_printf(" addr=unix:0 laddr=%s/cache:0 fd=", dir);
	expect_in(text, local);
	expect_in(text, " flags=U ");
	g_free(local);
	g_free(text);
	close(other);
	redis_finish(&shinyd, fd);
	g_free(address);
	harness_remove_dir(dir);
}

static void clients_are_killed(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), others[3];
	long long id;
	char *reply;

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		others[i] = client_connect(serving.address);
		redis_expect(others[i], "PING", "+PONG\r\n");
	}
	id = number_in(redis_ask(others[0], "CLIENT ID"), ":");
	g_free(ask_format(fd, "CLIENT KILL ID %lld", id));
	client_expect_end(others[0]);
	id = number_in(redis_ask(others[1], "CLIENT INFO"), "addr=127.0.0.1:");
	reply = ask_format(fd, "CLIENT KILL 127.0.0.1:%lld", id);
	g_assert_cmpstr(reply, ==, OK);
	g_free(reply);
	client_expect_end(others[1]);
	redis_expect(fd, "CLIENT KILL 127.0.0.1:1", "-ERR No such client\r\n");
	redis_expect(fd, "CLIENT KILL ID 0", "-ERR client-id should be greater than 0\r\n");
	redis_expect(fd, "CLIENT KILL USER x", "-ERR No such user 'x'\r\n");
	redis_expect(fd, "CLIENT KILL TYPE x", "-ERR Unknown client type 'x'\r\n");
	redis_expect(fd, "CLIENT KILL SKIPME x", "-ERR syntax error\r\n");
	redis_expect(fd, "CLIENT KILL ID", "-ERR No such client\r\n");
	redis_expect(fd, "CLIENT KILL ID 5 x", "-ERR syntax error\r\n");
	redis_expect(fd, "CLIENT KILL TYPE pubsub USER default", ":0\r\n");
	redis_expect(fd, "CLIENT KILL LADDR 127.0.0.1:1", ":0\r\n");
	reply = ask_format(fd, "CLIENT KILL TYPE normal LADDR %s",
			   strstr(serving.address, "//") + 2);
	g_assert_cmpstr(reply, ==, ":1\r\n");
	g_free(reply);
	client_expect_end(others[2]);
	redis_expect(fd, "CLIENT KILL TYPE normal SKIPME no", ":1\r\n");
	client_expect_end(fd);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		close(others[i]);
	}
	close(fd);
	redis_finish(&shinyd, client_connect(serving.address));
}

static void replies_can_be_turned_off(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	client_send_text(fd, "CLIENT REPLY SKIP\r\nPING 1\r\nPING 2\r\n");
	client_expect(fd, "$1\r\n2\r\n");
	client_send_text(fd, "PING 3\r\nCLIENT REPLY OFF\r\nPING 4\r\nCLIENT REPLY SKIP\r\nNONE\r\n"
			     "INCR n\r\n");
	client_expect(fd, "$1\r\n3\r\n");
	client_send_text(fd, "CLIENT REPLY ON\r\nGET n\r\n");
	client_expect(fd, OK "$1\r\n1\r\n");
	redis_expect(fd, "CLIENT REPLY x", "-ERR syntax error\r\n");
	client_send_text(fd, "MULTI\r\nPING 1\r\nCLIENT REPLY OFF\r\nPING 2\r\nEXEC\r\n"
			     "PING 3\r\nRESET\r\nPING 4\r\n");
	client_expect(fd, OK "+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$1\r\n1\r\n"
			     "+RESET\r\n$1\r\n4\r\n");
	redis_finish(&shinyd, fd);
}

#define INVALID(key) ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\n" key "\r\n"
#define INVALID_ALL  ">2\r\n$10\r\ninvalidate\r\n_\r\n"

static void what_was_read_is_told_when_it_changes(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);

	g_free(redis_ask(fd, "HELLO 3"));
	redis_expect(fd, "CLIENT TRACKING x", "-ERR syntax error\r\n");
	redis_expect(fd, "CLIENT TRACKING ON NOLOOP x", "-ERR syntax error\r\n");
	redis_expect(fd, "CLIENT TRACKING ON BCAST",
		     "-ERR CLIENT TRACKING does not know 'BCAST' here\r\n");
	redis_expect(fd, "CLIENT TRACKING ON", OK);
	redis_expect(fd, "MGET a b", "*2\r\n_\r\n_\r\n");
	redis_expect(other, "MSET a 1 b 2 c 3", OK);
	client_expect(fd, INVALID("a") INVALID("b"));
	redis_expect(other, "SET a 2", OK); /* not read again */
	redis_expect(fd, "GET a", "$1\r\n2\r\n");
	client_send_text(fd, "SET a 3\r\nPING\r\n"); /* behind the reply */
	client_expect(fd, OK INVALID("a") "+PONG\r\n");
	redis_expect(other, "FLUSHALL", OK);
	client_expect(fd, INVALID_ALL);
	redis_expect(other, "FLUSHDB", OK); /* nothing was read since */
	redis_expect(fd, "PING", "+PONG\r\n");
	client_send_text(fd, "MULTI\r\nGET a\r\nEXEC\r\n");
	client_expect(fd, OK "+QUEUED\r\n*1\r\n_\r\n");
	redis_expect(other, "SET a 4", OK);
	client_expect(fd, INVALID("a"));
	redis_expect(fd, "CLIENT TRACKING ON NOLOOP", OK);
	redis_expect(fd, "GET a", "$1\r\n4\r\n");
	client_send_text(fd, "SET a 5\r\nGET a\r\n");
	client_expect(fd, OK "$1\r\n5\r\n");
	redis_expect(fd, "CLIENT TRACKING ON", OK);
	client_send_text(fd, "SET a 5\r\n"); /* it was read before that */
	client_expect(fd, OK INVALID("a"));
	redis_expect(fd, "CLIENT TRACKING OFF", OK);
	redis_expect(other, "SET a 6", OK);
	redis_expect(fd, "PING", "+PONG\r\n");
	close(other);
	redis_finish(&shinyd, fd);
}

static void who_wants_no_replies_is_told_of_its_own_changes(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	g_free(redis_ask(fd, "HELLO 3"));
	client_send_text(fd, "CLIENT TRACKING ON\r\nCLIENT REPLY OFF\r\nGET a\r\nSET a 1\r\n"
			     "PING\r\nGET a\r\nSET a 2\r\n");
	client_expect(fd, OK INVALID("a") INVALID("a"));
	client_send_text(fd,
			 "CLIENT REPLY ON\r\nGET a\r\nCLIENT REPLY SKIP\r\nSET a 3\r\nPING\r\n");
	client_expect(fd, OK "$1\r\n2\r\n" INVALID("a") "+PONG\r\n");
	redis_finish(&shinyd, fd);
}

/* Its replies are being written when the change is made: the push must wait for their end. */
static void tracking_may_begin_in_a_transaction(void)
{
	char *key = g_strnfill(5000, 'k'), *text = g_strnfill(3000, 'x'), *push;
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	g_free(redis_ask(fd, "HELLO 3"));
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "CLIENT TRACKING ON", "+QUEUED\r\n");
	g_free(ask_format(fd, "GET %s", key));
	g_free(ask_format(fd, "SET %s v", key));
	g_free(ask_format(fd, "ECHO %s", text));
	redis_send(fd, "EXEC");
	client_expect(fd, "*4\r\n" OK "_\r\n" OK "$3000\r\n");
	client_expect(fd, text);
	push = g_strdup_printf("\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$5000\r\n%s\r\n", key);
	client_expect(fd, push);
	redis_expect(fd, "PING", "+PONG\r\n");
	g_free(push);
	g_free(text);
	g_free(key);
	redis_finish(&shinyd, fd);
}

/* Beyond what is remembered of one client, it is told to forget. */
static void who_reads_much_is_told_to_forget(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	char *reply = NULL;
	int i = 0;

	g_free(redis_ask(fd, "HELLO 3"));
	redis_expect(fd, "CLIENT TRACKING ON", OK);
	do {
		g_assert_cmpint(i, <=, 10000);
		g_free(reply);
		reply = ask_format(fd, "EXISTS key:%d", i++);
		g_assert_cmpstr(reply, ==, ":0\r\n");
		redis_send(fd, "PING");
		g_free(reply);
		reply = g_string_free(redis_receive(fd), FALSE);
	} while (strcmp(reply, "+PONG\r\n") == 0);
	g_assert_cmpstr(reply, ==, INVALID_ALL);
	g_assert_cmpint(i, ==, 10001);
	client_expect(fd, "+PONG\r\n");
	g_free(reply);
	redis_finish(&shinyd, fd);
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
	harness_add("/clients/are-listed", clients_are_listed);
	harness_add("/clients/of-a-unix-socket-are-told-apart",
		    clients_of_a_unix_socket_are_told_apart);
	harness_add("/clients/are-killed", clients_are_killed);
	harness_add("/clients/turn-replies-off", replies_can_be_turned_off);
	harness_add("/tracking/tells-of-changes", what_was_read_is_told_when_it_changes);
	harness_add("/tracking/tells-of-own-changes-without-replies",
		    who_wants_no_replies_is_told_of_its_own_changes);
	harness_add("/tracking/may-begin-in-a-transaction", tracking_may_begin_in_a_transaction);
	harness_add_slow("/tracking/is-limited", who_reads_much_is_told_to_forget, 60);
	return harness_run();
}
