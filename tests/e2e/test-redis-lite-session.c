/* SPDX-License-Identifier: MIT */
/*
 * What a connection to redis-lite may say about itself, and what it then gets.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
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

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/session");
	harness_add("/hello-switches-the-protocol", hello_switches_the_protocol);
	harness_add("/resp3-names-the-kinds-of-replies", resp3_names_the_kinds_of_replies);
	return harness_run();
}
