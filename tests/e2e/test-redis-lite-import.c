/* SPDX-License-Identifier: MIT */
/*
 * What the real redis-server has left in its folder is served by redis-lite: each key, each value, each
 * moment of expiry, in each database.
 */
#include "cache.h"
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DBS 16

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GString *ask(int fd, const char *word, const char *key)
{
	const char *const words[] = { word, key };

	redis_send_words(fd, words, 2);
	return redis_receive(fd);
}

/* The keys of a database, sorted; for g_strfreev(). */
static char **keys(int fd)
{
	char *reply = redis_ask(fd, "KEYS *"), **lines = g_strsplit(reply, "\r\n", -1);
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 2; i < g_strv_length(lines); i += 2) {
		g_ptr_array_add(names, g_strdup(lines[i]));
	}
	/* Before the sorting, as qsort() may not be given NULL even if there is nothing to sort. */
	g_ptr_array_add(names, NULL);
	qsort(names->pdata, names->len - 1, sizeof(*names->pdata), compare_words);
	g_strfreev(lines);
	g_free(reply);
	return (char **)g_ptr_array_free(names, FALSE);
}

/* All that there is. */
static GString *contents(int fd)
{
	GString *all = g_string_new("");

	for (int db = 0; db < DBS; db++) {
		char *select = g_strdup_printf("SELECT %d", db), **names;

		redis_expect(fd, select, OK);
		names = keys(fd);
		for (char **name = names; *name; name++) {
			GString *value = ask(fd, "GET", *name);
			GString *expiry = ask(fd, "PEXPIRETIME", *name);

			g_string_append_printf(all, "%d %s %s", db, *name, expiry->str);
			g_string_append_len(all, value->str, (gssize)value->len);
			g_string_free(expiry, TRUE);
			g_string_free(value, TRUE);
		}
		g_strfreev(names);
		g_free(select);
	}
	redis_expect(fd, "SELECT 0", OK);
	return all;
}

static void expect_same(int fd, const GString *expected)
{
	GString *all = contents(fd);

	g_assert_cmpmem(all->str, all->len, expected->str, expected->len);
	g_string_free(all, TRUE);
}

static void set(int fd, const char *key, const char *value)
{
	const char *const words[] = { "SET", key, value };

	redis_send_words(fd, words, 3);
	client_expect(fd, OK);
}

/* Lengths around each limit of how they are written, compressible and not. */
static void set_lengths(int fd)
{
	static const gsize lengths[] = { 0, 1, 20, 21, 63, 64, 300, 16383, 16384, 70000, 1500000 };
	GRand *rand = g_rand_new_with_seed(3);

	for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
		char *same = g_strnfill(lengths[i], 'x'), *mixed = g_strnfill(lengths[i], 'x');
		char *key = g_strdup_printf("same-%zu", lengths[i]);
		char *other = g_strdup_printf("mixed-%zu", lengths[i]);

		for (gsize at = 0; at < lengths[i]; at++) {
			mixed[at] = (char)g_rand_int_range(rand, 1, 256);
		}
		set(fd, key, same);
		set(fd, other, mixed);
		g_free(other);
		g_free(key);
		g_free(mixed);
		g_free(same);
	}
	g_rand_free(rand);
}

static void set_numbers(int fd)
{
	static const char *const numbers[] = {
		"0",	       "1",	     "-1",	   "127",	  "128",
		"-128",	       "-129",	     "32767",	   "32768",	  "-32768",
		"-32769",      "2147483647", "2147483648", "-2147483648", "-2147483649",
		"12345678901", "007",	     "+5",	   "-0",	  "9223372036854775807",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		char *key = g_strdup_printf("number-%zu", i);

		set(fd, key, numbers[i]);
		set(fd, numbers[i], key); /* keys are numbers, too */
		g_free(key);
	}
}

static void run(int fd, const char *const requests[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *reply = redis_ask(fd, requests[i]);

		if (reply[0] == '-') {
			harness_fail("%s: %s", requests[i], reply);
		}
		g_free(reply);
	}
}

static void set_everything(int fd)
{
	static const char *const requests[] = {
		"SET seconds v EX 100000",
		"SET milliseconds v PXAT 9000000000123",
		"SET past v PX 1",
		"SET gone v",
		"SELECT 1",
		"SET in-1 v",
		"SELECT 15",
		"SET in-15 v EX 5000",
		"SELECT 0",
	};

	set_numbers(fd);
	set_lengths(fd);
	set(fd, "a key that is long enough to be compressed aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "v");
	run(fd, requests, G_N_ELEMENTS(requests));
}

static void change_some(int fd)
{
	static const char *const requests[] = {
		"DEL gone",
		"APPEND same-300 more",
		"SETRANGE same-64 5 between",
		"INCRBY number-5 1000",
		"INCRBYFLOAT number-6 0.5",
		"PERSIST seconds",
		"EXPIRE number-7 5000",
		"GETEX number-8 PX 7000000",
		"SETEX ex 1000 v",
		"COPY number-9 copied DB 3",
		"MOVE number-10 4",
		"SET to-be-renamed v EX 5000",
		"RENAME to-be-renamed renamed",
		"SWAPDB 1 2",
		"MULTI",
		"SET in-multi v",
		"INCR counted",
		"EXEC",
		"SELECT 5",
		"SET in-5 v",
		"FLUSHDB",
		"SETBIT bits 70000 1",
		"SELECT 0",
	};

	run(fd, requests, G_N_ELEMENTS(requests));
}

static void await_rewrite(int fd)
{
	char *info;

	while (!strstr(info = redis_ask(fd, "INFO persistence"), "aof_rewrite_in_progress:0")) {
		g_free(info);
		g_usleep(10000);
	}
	g_free(info);
}

static void rewrite(int fd)
{
	char *reply = redis_ask(fd, "BGREWRITEAOF");

	g_assert_true(g_str_has_prefix(reply, "+Background"));
	g_free(reply);
}

static void stop(struct child *server, int fd)
{
	close(fd);
	child_signal(server, SIGTERM);
	child_wait(server);
	child_finish(server);
}

/* Starts redis-lite on what is there, expects that of it twice, and stops it. */
static void expect_import(struct cache *cache, const GString *expected, const char *name)
{
	char *text = g_strdup_printf("which is called %s.imported-1 from now on", name);
	char *imported = g_strconcat(name, ".imported-1", NULL);
	char *path = g_build_filename(cache->dir, imported, NULL);

	for (int i = 0; i < 2; i++) {
		cache_start(cache, "everysec", "");
		if (i == 0) {
			shinyd_expect_line(&cache->shinyd, text);
		}
		expect_same(cache->fd, expected);
		redis_expect(cache->fd, "SET new v", OK);
		redis_expect(cache->fd, "DEL new", ":1\r\n");
		cache_stop(cache);
	}
	g_assert_cmpint(access(path, F_OK), ==, 0);
	g_free(path);
	g_free(imported);
	g_free(text);
}

/* A base, the increment behind it, and another one, as while it is rewritten. */
static void import_folder(const char *compress, const char *preamble, const char *timestamps)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *increment =
		g_build_filename(cache.dir, "appendonlydir", "appendonly.aof.3.incr.aof", NULL);
	struct child server;
	GString *expected;
	int fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", "--rdbcompression",
				    compress, "--aof-use-rdb-preamble", preamble,
				    "--aof-timestamp-enabled", timestamps,
				    "--auto-aof-rewrite-percentage", "0", NULL);

	set_everything(fd);
	rewrite(fd);
	await_rewrite(fd);
	change_some(fd);
	redis_expect(fd, "CONFIG SET rdb-key-save-delay 1000000", OK);
	rewrite(fd);
	while (access(increment, F_OK) < 0) {
		g_usleep(10000);
	}
	change_some(fd);
	expected = contents(fd);
	stop(&server, fd);
	expect_import(&cache, expected, "appendonlydir");
	g_string_free(expected, TRUE);
	g_free(increment);
	harness_remove_dir(cache.dir);
}

/* Whether this build reads what a redis-server compresses by default. */
static const char *compression(void)
{
	return HAVE_LZF ? "yes" : "no";
}

static void a_folder_is_imported_however_it_was_written(void)
{
	redis_need("redis-server");
	import_folder(compression(), "yes", "no");
	import_folder("no", "yes", "yes");
	import_folder("yes", "no", "yes");
}

static void import_dump(const char *compress, const char *checksum)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct child server;
	GString *expected;
	int fd = redis_server_start(&server, cache.dir, "--rdbcompression", compress,
				    "--rdbchecksum", checksum, NULL);

	set_everything(fd);
	change_some(fd);
	redis_expect(fd, "CONFIG SET maxmemory-policy allkeys-lfu", OK); /* is written, too */
	redis_expect(fd, "SAVE", OK);
	expected = contents(fd);
	stop(&server, fd);
	expect_import(&cache, expected, "dump.rdb");
	g_string_free(expected, TRUE);
	harness_remove_dir(cache.dir);
}

static void a_dump_is_imported(void)
{
	redis_need("redis-server");
	import_dump(compression(), "yes");
	import_dump("no", "no");
}

static void what_cannot_be_unpacked_is_refused_by_name(void)
{
	char *dir = harness_make_dir();
	struct child server;
	int fd;

	if (HAVE_LZF) {
		harness_skip("built with liblzf");
	}
	redis_need("redis-server");
	fd = redis_server_start(&server, dir, NULL);
	set_lengths(fd);
	redis_expect(fd, "SAVE", OK);
	stop(&server, fd);
	shinyd_expect(1, "a string is compressed by LZF, and this build has no liblzf", NULL,
		      "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
		      "appendonly = yes\ndir = %s\n",
		      dir);
	harness_remove_dir(dir);
}

/* Both load the same copy of a folder whose last increment ends anywhere. */
static void the_end_is_cut_as_redis_does(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *folder = g_build_filename(cache.dir, "appendonlydir", NULL);
	char *file = g_build_filename(folder, "appendonly.aof.1.incr.aof", NULL), *data;
	struct child server;
	gsize len;
	int fd;

	redis_need("redis-server");
	fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", NULL);
	run(fd,
	    (const char *const[]){ "SET a 1", "MULTI", "INCR a", "SET b 2", "EXEC", "SET c 3",
				   "MULTI", "INCR a", "SET d 2", "EXEC" },
	    10);
	stop(&server, fd);
	g_assert_true(g_file_get_contents(file, &data, &len, NULL));
	for (gsize cut = 0; cut < len; cut += 37) {
		struct cache copy = { .dir = harness_make_dir() };
		const char *const argv[] = { "cp", "-r", folder, copy.dir, NULL };
		GString *expected;

		g_assert_true(g_file_set_contents(file, data, (gssize)(len - cut), NULL));
		g_assert_cmpint(child_run(argv, NULL), ==, 0);
		fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", NULL);
		expected = contents(fd);
		stop(&server, fd);
		expect_import(&copy, expected, "appendonlydir");
		g_string_free(expected, TRUE);
		harness_remove_dir(copy.dir);
	}
	g_free(data);
	g_free(file);
	g_free(folder);
	harness_remove_dir(cache.dir);
}

/* As a Redis 4 to 6 has it: the dump and what came behind it in one. */
static void a_file_with_a_preamble_is_imported(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *script = g_strdup_printf("cd %s && cat appendonlydir/*.base.rdb "
				       "appendonlydir/*.incr.aof >appendonly.aof && "
				       "rm -r appendonlydir",
				       cache.dir);
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct child server;
	GString *expected;
	int fd;

	redis_need("redis-server");
	fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", "--rdbcompression",
				compression(), NULL);
	set_everything(fd);
	rewrite(fd);
	await_rewrite(fd);
	change_some(fd);
	expected = contents(fd);
	stop(&server, fd);
	g_assert_cmpint(child_run(argv, NULL), ==, 0);
	expect_import(&cache, expected, "appendonly.aof");
	g_string_free(expected, TRUE);
	g_free(script);
	harness_remove_dir(cache.dir);
}

static void expect_start_refused(const char *dir, const char *appendonly, const char *text)
{
	shinyd_expect(1, text, NULL,
		      "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
		      "appendonly = %s\ndir = %s\n",
		      appendonly, dir);
}

/* One of each other type, as each kind of file has it. */
static void a_key_of_another_type_is_refused_by_name(void)
{
	static const struct {
		const char *request, *type, *command;
	} types[] = {
		{ "RPUSH the-key a b", "list", "RPUSH" },
		{ "SADD the-key a", "set", "SADD" },
		{ "ZADD the-key 1 a", "sorted set", "ZADD" },
		{ "HSET the-key f v", "hash", "HMSET" },
		{ "XADD the-key 1-1 f v", "stream", "XADD" },
	};

	redis_need("redis-server");
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		char *dir = harness_make_dir(), *dump = g_build_filename(dir, "dump.rdb", NULL);
		char *text = g_strdup_printf("the key 'the-key' is a %s; only strings are served",
					     types[i].type);
		char *command = g_strdup_printf("ERR unknown command '%s', with args beginning "
						"with: 'the-key'",
						types[i].command);
		struct child server;
		int fd = redis_server_start(&server, dir, "--appendonly", "yes", NULL);

		run(fd, (const char *const[]){ "SET s v", types[i].request, "SAVE" }, 3);
		rewrite(fd);
		await_rewrite(fd);
		expect_start_refused(dir, "yes", "appendonlydir and dump.rdb are both there");
		g_assert_cmpint(unlink(dump), ==, 0);
		expect_start_refused(dir, "yes", text);
		redis_expect(fd, "CONFIG SET aof-use-rdb-preamble no", OK);
		rewrite(fd);
		await_rewrite(fd);
		expect_start_refused(dir, "yes", command);
		stop(&server, fd);
		g_free(command);
		g_free(text);
		g_free(dump);
		harness_remove_dir(dir);
	}
}

/* What the errors and MIGRATION in redis-lite(7) advise. */
static void the_remedy_for_a_key_of_another_type_works(void)
{
	static const char *const remedies[] = {
		": ERR unknown command 'LPUSH', with args beginning with: 'the-key' 'a' ; DEL the "
		"key in redis-server, BGREWRITEAOF: see MIGRATION in redis-lite(7)",
		"the key 'the-key' is a list; only strings are served; see MIGRATION in "
		"redis-lite(7)",
	};
	struct cache cache = { .dir = harness_make_dir() };
	struct child server;
	GString *expected;
	int fd;

	redis_need("redis-server");
	fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", NULL);
	run(fd, (const char *const[]){ "SET s v", "LPUSH the-key a" }, 2);
	expect_start_refused(cache.dir, "yes", remedies[0]);
	rewrite(fd);
	await_rewrite(fd);
	expect_start_refused(cache.dir, "yes", remedies[1]);
	run(fd, (const char *const[]){ "LPUSH the-key b", "SET t v", "DEL the-key" }, 3);
	rewrite(fd);
	await_rewrite(fd);
	expected = contents(fd);
	stop(&server, fd);
	expect_import(&cache, expected, "appendonlydir");
	g_string_free(expected, TRUE);
	harness_remove_dir(cache.dir);
}

/* It takes no lock, and nothing of it changes while it is loaded. */
static void a_redis_server_that_still_runs_is_refused(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct child server;
	GString *expected;
	int fd;

	redis_need("redis-server");
	fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", NULL);
	redis_expect(fd, "SET a 1", OK);
	expect_start_refused(cache.dir, "yes",
			     "appendonlydir/appendonly.aof.1.incr.aof is open for writing in "
			     "another process: stop its redis-server first");
	redis_expect(fd, "SET b 2", OK);
	expected = contents(fd);
	stop(&server, fd);
	expect_import(&cache, expected, "appendonlydir");
	g_string_free(expected, TRUE);
	harness_remove_dir(cache.dir);
}

static void a_function_is_refused_by_name(void)
{
	static const char *const load[] = {
		"FUNCTION", "LOAD", "#!lua name=mylib\nredis.register_function('f', function() end)"
	};
	char *dir = harness_make_dir();
	struct child server;
	int fd;

	redis_need("redis-server");
	fd = redis_server_start(&server, dir, NULL);
	redis_send_words(fd, load, 3);
	client_expect(fd, "$5\r\nmylib\r\n");
	redis_expect(fd, "SAVE", OK);
	stop(&server, fd);
	expect_start_refused(dir, "yes", "the function library '#!lua name=mylib' would be lost");
	expect_start_refused(dir, "no", "dump.rdb in dir is not loaded with appendonly = no");
	harness_remove_dir(dir);
}

/* Until there is a file of that name, or it is too late for that. */
static void await_name(const struct shinyd *shinyd, const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);
	char *last = g_build_filename(dir, "appendonlydir.imported-1", NULL);

	while (access(path, F_OK) < 0 && access(last, F_OK) < 0) {
		if (child_has_ended(&shinyd->child)) {
			harness_fail("it ended before there was %s", name);
		}
		g_usleep(100);
	}
	g_free(last);
	g_free(path);
}

/* As it begins to write its own file, and at each of the names that follow. */
static void whoever_is_killed_meanwhile_loses_nothing(void)
{
	static const char *const names[] = {
		"appendonly.aof",
		"appendonly.aof.rewrite",
		"appendonly.aof.import",
		"appendonlydir.imported-1",
	};

	redis_need("redis-server");
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct cache cache = { .dir = harness_make_dir() };
		struct child server;
		int fd = redis_server_start(&server, cache.dir, "--appendonly", "yes",
					    "--rdbcompression", compression(),
					    "--enable-debug-command", "yes", NULL);

		redis_expect(fd, "DEBUG POPULATE 100000 key 100", OK);
		rewrite(fd);
		await_rewrite(fd);
		stop(&server, fd);
		shinyd_start(&cache.shinyd,
			     "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
			     "appendonly = yes\ndir = %s\n",
			     cache.dir);
		await_name(&cache.shinyd, cache.dir, names[i]);
		child_signal(&cache.shinyd.child, SIGKILL);
		shinyd_wait(&cache.shinyd); /* its worker's end, too */
		shinyd_finish(&cache.shinyd);
		cache.shinyd = (struct shinyd){ 0 };
		cache_start(&cache, "no", "");
		redis_expect(cache.fd, "DBSIZE", ":100000\r\n");
		redis_expect(cache.fd, "STRLEN key:99999", ":100\r\n");
		cache_stop(&cache);
		harness_remove_dir(cache.dir);
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/import");
	harness_add_slow("/a-folder-is-imported-however-it-was-written",
			 a_folder_is_imported_however_it_was_written, 120);
	harness_add_slow("/a-dump-is-imported", a_dump_is_imported, 60);
	harness_add_slow("/what-cannot-be-unpacked-is-refused-by-name",
			 what_cannot_be_unpacked_is_refused_by_name, 60);
	harness_add_slow("/the-end-is-cut-as-redis-does", the_end_is_cut_as_redis_does, 120);
	harness_add_slow("/a-file-with-a-preamble-is-imported", a_file_with_a_preamble_is_imported,
			 60);
	harness_add_slow("/a-key-of-another-type-is-refused-by-name",
			 a_key_of_another_type_is_refused_by_name, 120);
	harness_add_slow("/the-remedy-for-a-key-of-another-type-works",
			 the_remedy_for_a_key_of_another_type_works, 60);
	harness_add_slow("/a-redis-server-that-still-runs-is-refused",
			 a_redis_server_that_still_runs_is_refused, 60);
	harness_add_slow("/a-function-is-refused-by-name", a_function_is_refused_by_name, 60);
	harness_add_slow("/whoever-is-killed-meanwhile-loses-nothing",
			 whoever_is_killed_meanwhile_loses_nothing, 120);
	return harness_run();
}
