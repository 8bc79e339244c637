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

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/tools");
	harness_add_slow("/redis-cli-understands-the-replies", redis_cli_understands_the_replies,
			 60);
	harness_add_slow("/redis-cli-pipes-a-hundred-thousand", redis_cli_pipes_a_hundred_thousand,
			 60);
	harness_add_slow("/redis-benchmark-is-served", redis_benchmark_is_served, 120);
	return harness_run();
}
