/* SPDX-License-Identifier: MIT */
/*
 * Rewriting redis-lite's append-only file while it is in use.
 */
#include "cache.h"
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STARTED "+Background append only file rewriting started\r\n"

static size_t file_size(const struct cache *cache)
{
	char *data;
	size_t len;

	cache_get_file(cache, &data, &len);
	g_free(data);
	return len;
}

static void fill(int fd, const char *prefix, int count)
{
	for (int i = 0; i < count; i++) {
		char *request = g_strdup_printf("SET %s%d %d", prefix, i, i);

		redis_send(fd, request);
		g_free(request);
	}
	for (int i = 0; i < count; i++) {
		client_expect(fd, OK);
	}
}

static void rewrite(const struct cache *cache)
{
	char *count = cache_info(cache, "aof_rewrites");
	char *next = g_strdup_printf("%d", atoi(count) + 1);

	redis_expect(cache->fd, "BGREWRITEAOF", STARTED);
	cache_await(cache, "aof_rewrites", next);
	cache_await(cache, "aof_rewrite_in_progress", "0");
	g_free(count);
	g_free(next);
}

static void it_is_shorter_and_holds_the_same(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	size_t before;

	cache_start(&cache, "everysec", "");
	for (int i = 0; i < 20; i++) {
		fill(cache.fd, "k", 100);
	}
	redis_expect(cache.fd, "SET timed v EX 1000", OK);
	redis_expect(cache.fd, "SELECT 3", OK);
	redis_expect(cache.fd, "SET other v", OK);
	before = file_size(&cache);
	rewrite(&cache);
	g_assert_cmpuint(file_size(&cache), <, before / 10);
	/* In database 3, which the new file does not begin with. */
	redis_expect(cache.fd, "SET after w", OK);
	cache_kill(&cache);

	cache_start(&cache, "everysec", "");
	redis_expect(cache.fd, "DBSIZE", ":101\r\n");
	redis_expect(cache.fd, "GET k77", "$2\r\n77\r\n");
	redis_expect(cache.fd, "TTL timed", ":1000\r\n");
	redis_expect(cache.fd, "SELECT 3", OK);
	redis_expect(cache.fd, "MGET other after", "*2\r\n$1\r\nv\r\n$1\r\nw\r\n");
	g_assert_false(cache_has(&cache, ".rewrite"));
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

static void redis_understands_it(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *file = cache_file(&cache), *output;
	const char *argv[] = { "redis-check-aof", file, NULL };
	struct child server;
	int fd;

	redis_need("redis-check-aof");
	cache_start(&cache, "no", "");
	fill(cache.fd, "k", 100);
	redis_expect(cache.fd, "SET timed v EX 1000", OK);
	rewrite(&cache);
	fill(cache.fd, "l", 100);
	cache_stop(&cache);
	g_assert_cmpint(child_run(argv, &output), ==, 0);
	g_assert_nonnull(strstr(output, "is valid"));
	fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", NULL);
	redis_expect(fd, "DBSIZE", ":201\r\n");
	redis_expect(fd, "TTL timed", ":1000\r\n");
	close(fd);
	child_finish(&server);
	g_free(output);
	g_free(file);
	harness_remove_dir(cache.dir);
}

static void there_is_one_at_a_time(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *saved, *status;

	cache_start(&cache, "everysec", "");
	fill(cache.fd, "k", 1000);
	/* In one turn of the loop. */
	client_send_text(cache.fd, "BGREWRITEAOF\r\nBGREWRITEAOF\r\n");
	client_expect(cache.fd, STARTED);
	client_expect(cache.fd,
		      "-ERR Background append only file rewriting already in progress\r\n");
	cache_await(&cache, "aof_rewrites", "1");
	cache_await(&cache, "aof_rewrite_in_progress", "0");
	status = cache_info(&cache, "aof_last_bgrewrite_status");
	g_assert_cmpstr(status, ==, "ok");
	redis_expect(cache.fd, "CONFIG RESETSTAT", OK);
	cache_await(&cache, "aof_rewrites", "0");
	saved = redis_ask(cache.fd, "LASTSAVE");
	g_assert_cmpint(llabs(atoll(saved + 1) - g_get_real_time() / 1000000), <, 60);
	g_free(saved);
	g_free(status);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

static void without_a_file_there_is_none(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	redis_expect(fd, "BGREWRITEAOF", "-ERR There is no append only file (appendonly = no)\r\n");
	redis_finish(&shinyd, fd);
}

static void growth_has_it_rewritten(void)
{
	struct cache cache = { .dir = harness_make_dir() };

	cache_start(&cache, "everysec",
		    "auto_aof_rewrite_min_size = 20K\nauto_aof_rewrite_percentage = 50\n");
	redis_expect(cache.fd, "CONFIG GET auto-aof-rewrite-*",
		     "*4\r\n$25\r\nauto-aof-rewrite-min-size\r\n$5\r\n20480\r\n"
		     "$27\r\nauto-aof-rewrite-percentage\r\n$2\r\n50\r\n");
	fill(cache.fd, "k", 2000);
	cache_await(&cache, "aof_rewrites", "1");
	for (int i = 0; i < 20; i++) {
		fill(cache.fd, "k", 200);
	}
	cache_await(&cache, "aof_rewrites", "2");
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

static void what_a_killed_one_left_is_removed(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *file = g_build_filename(cache.dir, "appendonly.aof.rewrite", NULL);

	g_assert_true(g_file_set_contents(file, "*3\r\n$3\r\n", -1, NULL));
	cache_start(&cache, "everysec", "");
	g_assert_false(cache_has(&cache, ".rewrite"));
	rewrite(&cache);
	g_assert_false(cache_has(&cache, ".rewrite"));
	cache_stop(&cache);
	g_free(file);
	harness_remove_dir(cache.dir);
}

static void a_second_owner_is_refused_after_it(void)
{
	struct cache cache = { .dir = harness_make_dir() };

	cache_start(&cache, "always", "");
	rewrite(&cache);
	shinyd_expect(1, "another process has it open", NULL,
		      "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
		      "appendonly = yes\ndir = %s\n",
		      cache.dir);
	redis_expect(cache.fd, "SET a 1", OK);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

#define KEYS 3000

/* Of all keys that the test uses, and how many there are. */
static char *all_values(int fd)
{
	GString *request = g_string_new("MGET");
	char *values, *count, *all;

	for (int i = 0; i < KEYS; i++) {
		g_string_append_printf(request, " k%d m%d n%d", i, i, i);
	}
	g_usleep(5000); /* what is about to expire must be gone */
	values = redis_ask(fd, request->str);
	count = redis_ask(fd, "DBSIZE");
	all = g_strconcat(count, values, NULL);
	g_string_free(request, TRUE);
	g_free(values);
	g_free(count);
	return all;
}

/* Requests of all kinds while it is rewritten again and again, then a kill: the file makes the same
 * keys of nothing. */
static void changes_meanwhile_are_in_it(void)
{
	static const char *const forms[] = {
		"SET k%d %d",	   "INCR n%d",	  "DEL k%d",	  "MSET k%d a m%d b",
		"EXPIRE k%d 1000", "PERSIST k%d", "INCRBY n%d 7", "SET k%d v PX 1",
	};
	struct cache cache = { .dir = harness_make_dir() };
	GRand *rand = g_rand_new_with_seed(3);
	int rewrites = 0;
	char *before, *after;

	cache_start(&cache, "everysec",
		    "auto_aof_rewrite_min_size = 1\nauto_aof_rewrite_percentage = 1\n");
	fill(cache.fd, "k", KEYS);
	for (int i = 0; i < 6000 || rewrites < 4; i++) {
		int form = g_rand_int_range(rand, 0, G_N_ELEMENTS(forms));
		char *request = g_strdup_printf(forms[form], g_rand_int_range(rand, 0, KEYS),
						g_rand_int_range(rand, 0, KEYS));
		char *reply = redis_ask(cache.fd, request);

		g_free(request);
		g_free(reply);
		if (i % 2000 == 1999) {
			redis_expect(cache.fd, "FLUSHDB", OK);
			fill(cache.fd, "k", 1000);
		}
		if (i % 100 == 0) {
			reply = redis_ask(cache.fd, "BGREWRITEAOF");
			g_free(reply);
			reply = cache_info(&cache, "aof_rewrites");
			rewrites = atoi(reply);
			g_free(reply);
		}
	}
	before = all_values(cache.fd);
	cache_kill(&cache);
	cache_start(&cache, "everysec", "");
	after = all_values(cache.fd);
	g_assert_cmpstr(before, ==, after);
	g_free(before);
	g_free(after);
	g_rand_free(rand);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

#define DBS	 16
#define FEW_KEYS 20
#define MANY	 20000

/* Of the few keys of each database, and how many there are in all. */
static char *all_databases(int fd)
{
	GString *all = g_string_new(""), *request = g_string_new("MGET");

	for (int i = 0; i < FEW_KEYS; i++) {
		g_string_append_printf(request, " few%d", i);
	}
	for (int db = 0; db < DBS; db++) {
		char *select = g_strdup_printf("SELECT %d", db), *count, *values;

		redis_expect(fd, select, OK);
		count = redis_ask(fd, "DBSIZE");
		values = redis_ask(fd, request->str);
		g_string_append_printf(all, "%d: %s%s", db, count, values);
		g_free(select);
		g_free(count);
		g_free(values);
	}
	redis_expect(fd, "SELECT 0", OK);
	g_string_free(request, TRUE);
	return g_string_free(all, FALSE);
}

/* Whole databases come and go, and keys between them. */
static void change_databases(int fd, GRand *rand, int count)
{
	static const char *const forms[] = {
		"SELECT %d",  "SELECT %d",  "SWAPDB %d %d",	  "SWAPDB %d %d",
		"FLUSHDB",    "FLUSHALL",   "SET few%d %d",	  "SET few%d %d",
		"INCR few%d", "INCR few%d", "MOVE few%d %d",	  "MOVE few%d %d",
		"DEL few%d",  "RANDOMKEY",  "RENAME few%d few%d",
	};

	for (int i = 0; i < count; i++) {
		int form = g_rand_int_range(rand, 0, G_N_ELEMENTS(forms));
		char *request;

		if (strncmp(forms[form], "FLUSH", 5) == 0 && g_rand_int_range(rand, 0, 10) > 0) {
			continue;
		}
		request = g_strdup_printf(forms[form], g_rand_int_range(rand, 0, DBS),
					  g_rand_int_range(rand, 0, DBS));
		g_free(redis_ask(fd, request));
		g_free(request);
	}
	redis_expect(fd, "SELECT 0", OK);
}

/* Killed while it is rewritten, or after that: the file makes the same databases of nothing. */
static void whole_databases_come_and_go_meanwhile(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	GRand *rand = g_rand_new_with_seed(6);
	char *before, *after;

	cache_start(&cache, "everysec", "");
	for (int round = 0; round < 6; round++) {
		for (int db = 0; db < DBS; db += 5) {
			char *select = g_strdup_printf("SELECT %d", db);

			redis_expect(cache.fd, select, OK);
			fill(cache.fd, "many", db == 0 ? MANY : 1000);
			fill(cache.fd, "few", FEW_KEYS);
			g_free(select);
		}
		g_free(redis_ask(cache.fd, "BGREWRITEAOF"));
		change_databases(cache.fd, rand, 300);
		if (round % 2) {
			cache_await(&cache, "aof_rewrite_in_progress", "0");
			cache_await(&cache, "aof_rewrites", "1");
			change_databases(cache.fd, rand, 30);
		}
		before = all_databases(cache.fd);
		cache_kill(&cache);
		cache_start(&cache, "everysec", "");
		after = all_databases(cache.fd);
		g_assert_cmpstr(before, ==, after);
		g_free(before);
		g_free(after);
	}
	g_rand_free(rand);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

/* Each of these as often as a client can, from the beginning of the rewrite to its end. */
static void nothing_that_is_flushed_or_exchanged_keeps_it_from_ending(void)
{
	static const char *const requests[] = { "FLUSHDB", "SWAPDB 0 3", "FLUSHALL" };
	struct cache cache = { .dir = harness_make_dir() };
	char *rewrites;

	cache_start(&cache, "everysec", "");
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		char *count = g_strdup_printf("%zu", i + 1);
		bool done = false;

		redis_expect(cache.fd, "SELECT 0", OK);
		fill(cache.fd, "many", MANY);
		redis_expect(cache.fd, "BGREWRITEAOF", STARTED);
		redis_expect(cache.fd, "SELECT 5", OK);
		while (!done) {
			redis_expect(cache.fd, requests[i], OK);
			rewrites = cache_info(&cache, "aof_rewrites");
			done = strcmp(rewrites, count) == 0;
			g_free(rewrites);
		}
		cache_await(&cache, "aof_rewrite_in_progress", "0");
		g_free(count);
	}
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/rewrite");
	harness_add_slow("/it-is-shorter-and-holds-the-same", it_is_shorter_and_holds_the_same, 60);
	harness_add_slow("/redis-understands-it", redis_understands_it, 60);
	harness_add("/there-is-one-at-a-time", there_is_one_at_a_time);
	harness_add("/without-a-file-there-is-none", without_a_file_there_is_none);
	harness_add("/growth-has-it-rewritten", growth_has_it_rewritten);
	harness_add("/what-a-killed-one-left-is-removed", what_a_killed_one_left_is_removed);
	harness_add("/a-second-owner-is-refused-after-it", a_second_owner_is_refused_after_it);
	harness_add_slow("/changes-meanwhile-are-in-it", changes_meanwhile_are_in_it, 60);
	harness_add_slow("/whole-databases-come-and-go-meanwhile",
			 whole_databases_come_and_go_meanwhile, 60);
	harness_add_slow("/nothing-that-is-flushed-or-exchanged-keeps-it-from-ending",
			 nothing_that_is_flushed_or_exchanged_keeps_it_from_ending, 60);
	return harness_run();
}
