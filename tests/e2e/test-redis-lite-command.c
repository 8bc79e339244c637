/* SPDX-License-Identifier: MIT */
/*
 * What redis-lite says of its commands: it must be what redis-server says of them.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The reply behind the one that begins here. */
static const char *skip(const char *reply)
{
	const char *end = strstr(reply, "\r\n") + 2;
	long long count = atoll(reply + 1);

	if (*reply == '$' && count >= 0) {
		return end + count + 2;
	}
	for (; *reply == '*' && count > 0; count--) {
		end = skip(end);
	}
	return end;
}

/*
 * Left out is what differs by nature: hints for clusters, subcommands that one of the servers does
 * not have, and key specifications with notes.
 */
static bool is_compared(int element, const char *theirs, const char *end)
{
	return element != 7 && element != 9 &&
	       !g_strstr_len(theirs, end - theirs, "$5\r\nnotes\r\n");
}

static void compare(const char *name, const char *theirs, const char *ours)
{
	for (int i = 0; i < 10; i++) {
		const char *their_end = skip(theirs), *our_end = skip(ours);

		if (is_compared(i, theirs, their_end) &&
		    (their_end - theirs != our_end - ours ||
		     memcmp(theirs, ours, (size_t)(our_end - ours)) != 0)) {
			harness_fail("%s, element %d\nredis-server:\n%.*s\nredis-lite:\n%.*s", name,
				     i, (int)(their_end - theirs), theirs, (int)(our_end - ours),
				     ours);
		}
		theirs = their_end;
		ours = our_end;
	}
}

static void commands_are_described_as_redis_does(void)
{
	static const char head[] = "*1\r\n*10\r\n";
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct child server;
	int theirs = redis_server_start(&server, dir, NULL);
	int ours = redis_start(&shinyd, NULL, "%s", "");
	char *list = redis_ask(ours, "COMMAND LIST"), **lines = g_strsplit(list, "\r\n", -1);
	int compared = 0;

	for (guint i = 2; lines[i - 1] && lines[i]; i += 2) {
		char *request = g_strdup_printf("COMMAND INFO %s", lines[i]);
		char *a = redis_ask(theirs, request), *b = redis_ask(ours, request);

		if (g_str_has_prefix(a, head)) { /* it has that command */
			g_assert_true(g_str_has_prefix(b, head));
			compare(lines[i], a + strlen(head), b + strlen(head));
			compared++;
		}
		g_free(a);
		g_free(b);
		g_free(request);
	}
	g_assert_cmpint(compared, >, 50);
	g_strfreev(lines);
	g_free(list);
	close(theirs);
	child_finish(&server);
	redis_finish(&shinyd, ours);
	harness_remove_dir(dir);
}

/* What redis-cli says of all commands, a line each that tells what it takes. */
static char **help(int fd)
{
	static const char script[] = "for g in bitmap connection generic scripting server string "
				     "transactions; do echo help @$g; done | "
				     "redis-cli -p %d | grep \"$(printf '\\033')\\[1m\"";
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	char *command, *output, **lines;

	g_assert_cmpint(getpeername(fd, (struct sockaddr *)&address, &len), ==, 0);
	command = g_strdup_printf(script, ntohs(address.sin_port));
	g_assert_cmpint(child_run((const char *const[]){ "sh", "-c", command, NULL }, &output), ==,
			0);
	lines = g_strsplit(output, "\n", -1);
	g_free(output);
	g_free(command);
	return lines;
}

/* The line of the same command, whose name ends with the first change of colour. */
static const char *same_command(char *const *lines, const char *line)
{
	size_t len = (size_t)(strstr(line, "\033[0m") - line);

	while (*lines && strncmp(*lines, line, len + 1) != 0) {
		lines++;
	}
	return *lines;
}

/* Some take fewer options than Redis's, and say so. */
static void redis_cli_gives_the_hints_of_redis(void)
{
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct child server;
	char **our_lines, **their_lines;
	int compared = 0;

	redis_need("redis-cli");
	int theirs = redis_server_start(&server, dir, NULL);
	int ours = redis_start(&shinyd, NULL, "%s", "");

	our_lines = help(ours);
	their_lines = help(theirs);
	for (char **line = our_lines; **line; line++) {
		const char *other = same_command(their_lines, *line);

		if (other && !strstr(*line, "CLIENT TRACKING") && !strstr(*line, "SHUTDOWN")) {
			g_assert_cmpstr(*line, ==, other);
			compared++;
		}
	}
	g_assert_cmpint(compared, >, 90);
	g_strfreev(our_lines);
	g_strfreev(their_lines);
	close(theirs);
	child_finish(&server);
	redis_finish(&shinyd, ours);
	harness_remove_dir(dir);
}

#define SYNTAX	    "-ERR syntax error\r\n"
#define ARITY(name) "-ERR wrong number of arguments for '" name "' command\r\n"

static void keys_are_told(void)
{
	static const struct exchange exchanges[] = {
		{ "COMMAND GETKEYS get k", "*1\r\n$1\r\nk\r\n" },
		{ "COMMAND GETKEYS MSET a 1 b 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n" },
		{ "COMMAND GETKEYS DEL a b", "*2\r\n$1\r\na\r\n$1\r\nb\r\n" },
		{ "COMMAND GETKEYS none x", "-ERR Invalid command specified\r\n" },
		{ "COMMAND GETKEYS echo x", "-ERR The command has no key arguments\r\n" },
		{ "COMMAND GETKEYS config get", "-ERR The command has no key arguments\r\n" },
		{ "COMMAND GETKEYS get k l",
		  "-ERR Invalid number of arguments specified for command\r\n" },
		{ "COMMAND GETKEYS get", ARITY("command|getkeys") },
		{ "COMMAND GETKEYSANDFLAGS SET k GET",
		  "*1\r\n*2\r\n$1\r\nk\r\n*2\r\n+OW\r\n+update\r\n" },
		{ "COMMAND GETKEYSANDFLAGS SET k v EX 1 Get",
		  "*1\r\n*2\r\n$1\r\nk\r\n*3\r\n+RW\r\n+access\r\n+update\r\n" },
		{ "COMMAND GETKEYSANDFLAGS del a",
		  "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RM\r\n+delete\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void commands_are_listed(void)
{
	static const struct exchange exchanges[] = {
		{ "COMMAND LIST FILTERBY PATTERN CONFIG|RES*",
		  "*1\r\n$16\r\nconfig|resetstat\r\n" },
		{ "COMMAND LIST FILTERBY ACLCAT transaction",
		  "*5\r\n$7\r\ndiscard\r\n$4\r\nexec\r\n$5\r\nmulti\r\n$7\r\nunwatch\r\n"
		  "$5\r\nwatch\r\n" },
		{ "COMMAND LIST FILTERBY ACLCAT none", "*0\r\n" },
		{ "COMMAND LIST FILTERBY MODULE x", "*0\r\n" },
		{ "COMMAND LIST FILTERBY x y", SYNTAX },
		{ "COMMAND LIST FILTERBY PATTERN", SYNTAX },
		{ "COMMAND LIST x", SYNTAX },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void help_tells_of_each_subcommand(void)
{
	static const struct exchange exchanges[] = {
		{ "FUNCTION HELP",
		  "*5\r\n+FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n"
		  "+FLUSH\r\n+    Deleting all functions.\r\n+HELP\r\n"
		  "+    Show helpful text about the subcommands.\r\n" },
		{ "FUNCTION HELP x", ARITY("function|help") },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/command");
	harness_add("/info-is-what-redis-says", commands_are_described_as_redis_does);
	harness_add_slow("/redis-cli-gives-the-hints-of-redis", redis_cli_gives_the_hints_of_redis,
			 60);
	harness_add("/getkeys-tells-the-keys", keys_are_told);
	harness_add("/list-tells-the-names", commands_are_listed);
	harness_add("/help-tells-of-each-subcommand", help_tells_of_each_subcommand);
	return harness_run();
}
