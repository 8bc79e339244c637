/* SPDX-License-Identifier: MIT */
/*
 * redis-lite and the tools that come with Redis.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <unistd.h>

static const char *port_of(const struct serving *serving)
{
	return strrchr(serving->address, ':') + 1;
}

static char *run_cli(const struct serving *serving, const char *const words[])
{
	GPtrArray *argv = g_ptr_array_new();
	char *output;

	redis_need("redis-cli");
	g_ptr_array_add(argv, (char *)"redis-cli");
	g_ptr_array_add(argv, (char *)"-p");
	g_ptr_array_add(argv, (char *)port_of(serving));
	for (; *words; words++) {
		g_ptr_array_add(argv, (char *)*words);
	}
	g_ptr_array_add(argv, NULL);
	g_assert_cmpint(child_run((const char *const *)argv->pdata, &output), ==, 0);
	g_ptr_array_free(argv, TRUE);
	return output;
}

static void redis_cli_understands_the_replies(void)
{
	static const struct {
		const char *words[8], *output;
	} rows[] = {
		{ { "set", "a key", "a value", NULL }, "OK\n" },
		{ { "get", "a key", NULL }, "a value\n" },
		{ { "get", "none", NULL }, "\n" },
		{ { "-n", "2", "mset", "a", "1", "b", "2", NULL }, "OK\n" },
		{ { "-n", "2", "mget", "a", "none", "b", NULL }, "1\n\n2\n" },
		{ { "--scan", "--pattern", "a*", NULL }, "a key\n" },
		{ { "command", "count", NULL }, NULL },
		{ { "-3", "ping", NULL }, NULL },
		{ { "info", "keyspace", NULL },
		  "# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n"
		  "db2:keys=2,expires=0,avg_ttl=0\r\n" },
	};
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", "");

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *output = run_cli(&serving, rows[i].words);

		if (rows[i].output) {
			g_assert_cmpstr(output, ==, rows[i].output);
		}
		g_free(output);
	}
	redis_finish(&shinyd, fd);
}

static void redis_cli_pipes_a_hundred_thousand(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", "");
	char *command = g_strdup_printf("seq 100000 | awk '{printf \"SET k%%d v\\r\\n\",$1}' | "
					"redis-cli -p %s --pipe",
					port_of(&serving));
	const char *argv[] = { "sh", "-c", command, NULL };
	char *output;

	redis_need("redis-cli");
	g_assert_cmpint(child_run(argv, &output), ==, 0);
	g_assert_nonnull(strstr(output, "errors: 0, replies: 100000"));
	redis_expect(fd, "DBSIZE", ":100000\r\n");
	g_free(output);
	g_free(command);
	redis_finish(&shinyd, fd);
}

static void redis_benchmark_runs(const char *pipeline)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", "");
	const char *argv[] = { "redis-benchmark",
			       "-p",
			       port_of(&serving),
			       "-q",
			       "-t",
			       "ping,set,get,incr,mset",
			       "-n",
			       "20000",
			       "-r",
			       "1000",
			       "-P",
			       pipeline,
			       NULL };
	char *output;

	redis_need("redis-benchmark");
	g_assert_cmpint(child_run(argv, &output), ==, 0);
	g_assert_null(strstr(output, "rror"));
	g_assert_nonnull(strstr(output, "MSET (10 keys): "));
	g_free(output);
	redis_finish(&shinyd, fd);
}

static void redis_benchmark_is_served(void)
{
	redis_benchmark_runs("1");
	redis_benchmark_runs("64");
}

/* Those that look at the whole server: each ends by itself. */
static void redis_cli_finds_its_ways_about(void)
{
	static const struct {
		const char *words[8], *text;
	} rows[] = {
		{ { "slowlog", "get", NULL }, "slowlog-log-slower-than\n0\n127.0.0.1:" },
		{ { "--bigkeys", NULL }, "Biggest string found '\"large\"' has 1000 bytes\n" },
		{ { "--memkeys", NULL }, "Biggest string found '\"large\"' has 1" },
		{ { "--latency", "-i", "0.1", NULL }, "0." },
		{ { "latency", "histogram", "set", NULL }, "histogram_usec" },
		{ { "info", "commandstats", NULL }, "cmdstat_set:calls=2,usec=" },
		{ { "slowlog", "help", NULL }, "SLOWLOG <subcommand> [<arg> [value] [opt] ...]." },
		{ { "latency", "doctor", NULL }, "LATENCY HISTOGRAM" },
	};
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", "");
	char *text = g_strnfill(1000, 'x'), *set = g_strconcat("SET large ", text, NULL);

	redis_expect(fd, "CONFIG SET slowlog-log-slower-than 0", "+OK\r\n");
	redis_expect(fd, set, "+OK\r\n");
	redis_expect(fd, "SET small x", "+OK\r\n");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *output = run_cli(&serving, rows[i].words);

		if (!strstr(output, rows[i].text)) {
			harness_fail("%s %s", rows[i].words[0], output);
		}
		g_free(output);
	}
	g_free(set);
	g_free(text);
	redis_finish(&shinyd, fd);
}

/* Until it is told to end. */
static void redis_cli_tells_how_it_goes(void)
{
	struct shinyd shinyd = { 0 };
	struct child child = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", "");
	const char *argv[] = {
		"stdbuf", "-oL", "redis-cli", "-p", port_of(&serving), "--stat", "-i", "0.05", NULL,
	};

	redis_need("redis-cli");
	redis_need("stdbuf");
	child_start(&child, argv);
	child_await_output(&child, "\n0 ");
	redis_expect(fd, "SET k v", "+OK\r\n");
	child_await_output(&child, "\n1 ");
	child_await_output(&child, "(+1)"); /* its own */
	child_finish(&child);
	redis_finish(&shinyd, fd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/tools");
	harness_add_slow("/redis-cli-understands-the-replies", redis_cli_understands_the_replies,
			 60);
	harness_add_slow("/redis-cli-pipes-a-hundred-thousand", redis_cli_pipes_a_hundred_thousand,
			 60);
	harness_add_slow("/redis-cli-finds-its-ways-about", redis_cli_finds_its_ways_about, 60);
	harness_add("/redis-cli-tells-how-it-goes", redis_cli_tells_how_it_goes);
	harness_add_slow("/redis-benchmark-is-served", redis_benchmark_is_served, 120);
	return harness_run();
}
