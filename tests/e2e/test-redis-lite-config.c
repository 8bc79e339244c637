/* SPDX-License-Identifier: MIT */
/*
 * What can be asked and told of redis-lite's settings while it runs, and what it is not told.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <unistd.h>

#define OK	    "+OK\r\n"
#define SYNTAX	    "-ERR syntax error\r\n"
#define ARITY(name) "-ERR wrong number of arguments for '" name "' command\r\n"
#define FAILED(name, why) \
	"-ERR CONFIG SET failed (possibly related to argument '" name "') - " why "\r\n"
#define UNKNOWN(name) "-ERR Unknown option or number of arguments for CONFIG SET - '" name "'\r\n"

static void settings_are_told(void)
{
	static const struct exchange exchanges[] = {
		{ "CONFIG GET", ARITY("config|get") },
		{ "CONFIG GET none", "*0\r\n" },
		{ "CONFIG GET save appendonly",
		  "*4\r\n$10\r\nappendonly\r\n$2\r\nno\r\n$4\r\nsave\r\n$0\r\n\r\n" },
		{ "CONFIG GET DATA* databases", "*2\r\n$9\r\ndatabases\r\n$2\r\n16\r\n" },
		{ "CONFIG GET Databases d[a]t*", "*2\r\n$9\r\nDatabases\r\n$2\r\n16\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void settings_change_together_or_not_at_all(void)
{
	static const struct exchange exchanges[] = {
		{ "CONFIG SET save", ARITY("config|set") },
		{ "CONFIG SET save  databases", SYNTAX },
		{ "CONFIG SET none x", UNKNOWN("none") },
		{ "CONFIG SET requirepass x none x", UNKNOWN("none") },
		{ "CONFIG SET requirepass x databases 3",
		  FAILED("databases", "can't set immutable config") },
		{ "CONFIG SET requirepass x RequirePass y",
		  FAILED("RequirePass", "duplicate parameter") },
		{ "CONFIG GET requirepass", "*2\r\n$11\r\nrequirepass\r\n$0\r\n\r\n" },
		{ "CONFIG SET appendonly no save ", OK }, /* as it is */
		{ "CONFIG SET requirepass x appendonly no", OK },
		{ "CONFIG GET requirepass", "*2\r\n$11\r\nrequirepass\r\n$1\r\nx\r\n" },
		{ "CONFIG SET requirepass y appendonly yes",
		  FAILED("appendonly",
			 "it cannot be changed here, only in the configuration file") },
		{ "CONFIG GET requirepass", "*2\r\n$11\r\nrequirepass\r\n$1\r\nx\r\n" },
		/* Not even for a moment: keys would be evicted. */
		{ "CONFIG SET maxmemory-policy allkeys-random maxmemory 17179869183gb", OK },
		{ "SET k v", OK },
		{ "CONFIG SET maxmemory 1 appendfsync bogus",
		  FAILED("appendfsync", "argument(s) must be one of the following: everysec, "
					"always, no") },
		{ "CONFIG GET maxmemory",
		  "*2\r\n$9\r\nmaxmemory\r\n$20\r\n18446744072635809792\r\n" },
		{ "SET l v", OK },
		{ "EXISTS k l", ":2\r\n" },
		{ "CONFIG REWRITE", "-ERR The server is running without a config file\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void the_file_s_settings_change(void)
{
	static const struct exchange exchanges[] = {
		{ "CONFIG SET appendfsync x",
		  FAILED("appendfsync", "argument(s) must be one of the following: everysec, "
					"always, no") },
		{ "CONFIG SET auto-aof-rewrite-percentage x",
		  FAILED("auto-aof-rewrite-percentage",
			 "argument couldn't be parsed into an integer") },
		{ "CONFIG SET auto-aof-rewrite-percentage -1",
		  FAILED("auto-aof-rewrite-percentage",
			 "argument must be between 0 and 2147483647 inclusive") },
		{ "CONFIG SET auto-aof-rewrite-min-size x",
		  FAILED("auto-aof-rewrite-min-size", "argument must be a memory value") },
		{ "CONFIG GET appendfsync", "*2\r\n$11\r\nappendfsync\r\n$8\r\neverysec\r\n" },
		{ "CONFIG SET appendfsync Always auto-aof-rewrite-percentage 0 "
		  "auto-aof-rewrite-min-size 1kb",
		  OK },
		{ "CONFIG GET appendfsync", "*2\r\n$11\r\nappendfsync\r\n$6\r\nalways\r\n" },
		{ "CONFIG GET auto-aof-rewrite-percentage",
		  "*2\r\n$27\r\nauto-aof-rewrite-percentage\r\n$1\r\n0\r\n" },
		{ "CONFIG GET auto-aof-rewrite-min-size",
		  "*2\r\n$25\r\nauto-aof-rewrite-min-size\r\n$4\r\n1024\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void a_new_password_is_for_new_clients(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other;
	char *password = g_strnfill(512, 'x'), *request = g_strconcat("AUTH ", password, NULL);
	char *set = g_strconcat("CONFIG SET requirepass ", password, NULL);
	char *longer = g_strconcat(set, "x", NULL);

	redis_expect(fd, longer, FAILED("requirepass", "it is longer than 512 bytes"));
	redis_expect(fd, set, OK);
	redis_expect(fd, "PING", "+PONG\r\n");
	other = client_connect(serving.address);
	redis_expect(other, "PING", "-NOAUTH Authentication required.\r\n");
	redis_expect(other, request, OK);
	redis_expect(other, "PING", "+PONG\r\n");
	redis_expect(other, "RESET", "+RESET\r\n");
	redis_expect(fd, "CONFIG SET requirepass ", OK);
	redis_expect(other, "PING", "+PONG\r\n");
	close(other);
	g_free(longer);
	g_free(set);
	g_free(request);
	g_free(password);
	redis_finish(&shinyd, fd);
}

/* Those of the server that redis-lite runs in. */
static void traffic_is_counted(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "max_connections = 1\n");
	char *info;
	int other = client_connect(serving.address);

	client_expect_end(other);
	redis_expect(fd, "CONFIG GET maxclients", "*2\r\n$10\r\nmaxclients\r\n$1\r\n1\r\n");
	redis_expect(fd, "CONFIG SET maxclients 2",
		     FAILED("maxclients", "it cannot be changed here, only by max_connections in "
					  "the configuration file"));
	info = redis_ask(fd, "INFO");
	g_assert_nonnull(strstr(info, "\r\nmaxclients:1\r\n"));
	g_assert_nonnull(strstr(info, "\r\nrejected_connections:1\r\n"));
	g_assert_nonnull(strstr(info, "\r\ntotal_connections_received:1\r\n"));
	g_free(info);
	redis_expect(fd, "CONFIG RESETSTAT", OK);
	info = redis_ask(fd, "INFO");
	g_assert_nonnull(strstr(info, "\r\nrejected_connections:0\r\n"));
	/* one INFO, and an OK, behind which it was counted anew */
	g_assert_nonnull(strstr(info, "\r\ntotal_net_input_bytes:14\r\n"));
	g_assert_nonnull(strstr(info, "\r\ntotal_net_output_bytes:5\r\n"));
	g_free(info);
	close(other);
	redis_finish(&shinyd, fd);
}

static void statistics_are_reset(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	char *info;

	redis_expect(fd, "GET none", "$-1\r\n");
	redis_expect(fd, "GET", ARITY("get"));
	redis_expect(fd, "EXEC", "-ERR EXEC without MULTI\r\n");
	redis_expect(fd, "AUTH default x y", SYNTAX);
	redis_expect(fd, "HELLO 4", "-NOPROTO unsupported protocol version\r\n");
	redis_expect(fd, "INFO errorstats",
		     "$64\r\n# Errorstats\r\nerrorstat_ERR:count=3\r\n"
		     "errorstat_NOPROTO:count=1\r\n\r\n");
	redis_expect(fd, "CONFIG RESETSTAT", OK);
	redis_expect(fd, "INFO errorstats", "$14\r\n# Errorstats\r\n\r\n");
	info = redis_ask(fd, "INFO stats");
	g_assert_nonnull(strstr(info, "\r\nkeyspace_misses:0\r\n"));
	g_free(info);
	redis_finish(&shinyd, fd);
}

#define DEBUG_ERROR(sub) \
	"-ERR unknown subcommand or wrong number of arguments for '" sub "'. Try DEBUG HELP.\r\n"

static void debug_needs_to_be_allowed(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	char *reply = redis_ask(fd, "DEBUG SLEEP 0");

	g_assert_true(g_str_has_prefix(reply, "-ERR DEBUG command not allowed. "));
	g_free(reply);
	redis_finish(&shinyd, fd);

	shinyd = (struct shinyd){ 0 };
	fd = redis_start(&shinyd, NULL, "allow_debug = yes\n");
	redis_expect(fd, "DEBUG SLEEP 0.001", OK);
	redis_expect(fd, "DEBUG SLEEP 6", "-ERR DEBUG SLEEP takes 0 to 5 seconds\r\n");
	redis_expect(fd, "DEBUG SLEEP", DEBUG_ERROR("SLEEP"));
	redis_expect(fd, "DEBUG SLEEP 0 0", DEBUG_ERROR("SLEEP"));
	redis_expect(fd, "DEBUG foo", DEBUG_ERROR("foo"));
	redis_expect(fd, "DEBUG SLEEP -1", "-ERR DEBUG SLEEP takes 0 to 5 seconds\r\n");
	redis_expect(fd, "DEBUG SLEEP 0\r\n", OK); /* as hiredis writes it */
	redis_expect(fd, "DEBUG LOG hello", OK);
	g_free(shinyd_await_line(&shinyd, "DEBUG LOG: hello"));
	redis_finish(&shinyd, fd);
}

static void debug_shows_each_type_as_redis_does(void)
{
	static const char *const types[] = { "string",	 "integer", "double", "bignum", "null",
					     "array",	 "set",	    "map",    "true",	"false",
					     "verbatim", "push",    "attrib", "none" };
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct child server;
	int theirs = redis_server_start(&server, dir, "--enable-debug-command", "yes", NULL);
	int ours = redis_start(&shinyd, NULL, "%s", ""); /* it is harmless, so always allowed */

	for (int version = 2; version <= 3; version++) {
		for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
			char *request = g_strdup_printf("DEBUG PROTOCOL %s", types[i]);
			char *a = redis_ask(theirs, request), *b = redis_ask(ours, request);

			g_assert_cmpstr(a, ==, b);
			if (version == 3 && strchr("|>", a[0])) { /* that was no reply yet */
				g_string_free(redis_receive(theirs), TRUE);
				g_string_free(redis_receive(ours), TRUE);
			}
			g_free(a);
			g_free(b);
			g_free(request);
		}
		g_free(redis_ask(theirs, "HELLO 3"));
		g_free(redis_ask(ours, "HELLO 3"));
	}
	close(theirs);
	child_finish(&server);
	redis_finish(&shinyd, ours);
	harness_remove_dir(dir);
}

static void debug_pauses_the_sweep(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "allow_debug = yes\n");
	char *size;

	redis_expect(fd, "DEBUG SET-ACTIVE-EXPIRE 0", OK);
	redis_expect(fd, "SET k v PX 1", OK);
	g_usleep(200000); /* some ticks */
	redis_expect(fd, "DBSIZE", ":1\r\n");
	redis_expect(fd, "DEBUG SET-ACTIVE-EXPIRE 1", OK);
	while (strcmp(size = redis_ask(fd, "DBSIZE"), ":0\r\n") != 0) {
		g_free(size);
		g_usleep(10000);
	}
	g_free(size);
	redis_finish(&shinyd, fd);
}

static void there_are_no_functions_to_flush(void)
{
	static const struct exchange exchanges[] = {
		{ "FUNCTION FLUSH", OK },
		{ "FUNCTION FLUSH ASYNC", OK },
		{ "FUNCTION FLUSH x", "-ERR FUNCTION FLUSH only supports SYNC|ASYNC option\r\n" },
		{ "FUNCTION x", "-ERR unknown subcommand 'x'. Try FUNCTION HELP.\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/config");
	harness_add("/get/tells-settings", settings_are_told);
	harness_add("/set/all-or-nothing", settings_change_together_or_not_at_all);
	harness_add("/set/the-file-s-settings", the_file_s_settings_change);
	harness_add("/set/a-new-password-is-for-new-clients", a_new_password_is_for_new_clients);
	harness_add("/resetstat/resets", statistics_are_reset);
	harness_add("/traffic-is-counted", traffic_is_counted);
	harness_add("/debug/needs-to-be-allowed", debug_needs_to_be_allowed);
	harness_add("/debug/shows-each-type-as-redis-does", debug_shows_each_type_as_redis_does);
	harness_add("/debug/pauses-the-sweep", debug_pauses_the_sweep);
	harness_add("/function/flush-is-answered", there_are_no_functions_to_flush);
	return harness_run();
}
