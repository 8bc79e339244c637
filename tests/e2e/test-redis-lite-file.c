/* SPDX-License-Identifier: MIT */
/*
 * redis-lite's append-only file: what is acknowledged is in it, and redis-server understands it.
 */
#include "cache.h"
#include "client.h"
#include "harness.h"
#include "random-requests.h"
#include "redis.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int compare_words(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The words of a reply in a fixed order: the order of keys is each server's own. */
static char *sorted(char *reply)
{
	char **words = g_strsplit(reply, "\r\n", -1);
	char *joined;

	qsort(words, g_strv_length(words), sizeof(*words), compare_words);
	joined = g_strjoinv(" ", words);
	g_strfreev(words);
	g_free(reply);
	return joined;
}

/* All keys of both databases that the tests use, with their values and whether they expire. */
static char *contents(int fd)
{
	GString *all = g_string_new("");

	for (int db = 0; db < 4; db += 3) {
		char *select = g_strdup_printf("SELECT %d", db);
		char *keys;
		char **words;

		redis_expect(fd, select, OK);
		keys = sorted(redis_ask(fd, "KEYS *"));
		words = g_strsplit(keys, " ", -1);
		for (char **word = words; *word; word++) {
			if (**word != '\0' && **word != '$' && **word != '*') {
				char *get = g_strdup_printf("GET %s", *word);
				char *ttl = g_strdup_printf("TTL %s", *word);
				char *value = redis_ask(fd, get), *left = redis_ask(fd, ttl);

				g_string_append_printf(all, "%d %s %s%d\n", db, *word, value,
						       atoi(left + 1) > 0);
				g_free(get);
				g_free(ttl);
				g_free(value);
				g_free(left);
			}
		}
		g_strfreev(words);
		g_free(keys);
		g_free(select);
	}
	redis_expect(fd, "SELECT 0", OK);
	return g_string_free(all, FALSE);
}

/* One of each kind of change. */
static void change_everything(int fd)
{
	static const char *const requests[] = {
		"SET kept v",
		"SET gone v",
		"DEL gone none",
		"MSET a 1 b 2 c 3",
		"INCR a",
		"INCRBY a 10",
		"DECR b",
		"DECRBY b 5",
		"SET timed v EX 1000",
		"SET kept w GET",
		"SET kept x XX",
		"SET kept y NX",
		"SET timed w KEEPTTL",
		"EXPIRE c 1000",
		"SET p v",
		"PEXPIRE p 1000000",
		"PERSIST p",
		"SET past v",
		"PEXPIREAT past 1",
		"SET short v PX 1",
		"SELECT 3",
		"SET kept three",
		"SET other v",
		"DEL other",
		"SELECT 0",
		"SELECT 7",
		"SET k v",
		"FLUSHDB",
		"SELECT 0",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		char *reply = redis_ask(fd, requests[i]);

		g_assert_cmpint(reply[0], !=, '-');
		g_free(reply);
	}
	while (true) {
		char *reply = redis_ask(fd, "EXISTS short");
		bool gone = strcmp(reply, ":0\r\n") == 0;

		g_free(reply);
		if (gone) {
			break;
		}
		g_usleep(1000);
	}
	/* Inline requests are logged as arrays. */
	client_send_text(fd, "set \"inline\" 'a value'\r\n");
	client_expect(fd, OK);
}

static const char expected[] = "0 a $2\r\n12\r\n0\n"
			       "0 b $2\r\n-4\r\n0\n"
			       "0 c $1\r\n3\r\n1\n"
			       "0 inline $7\r\na value\r\n0\n"
			       "0 kept $1\r\nx\r\n0\n"
			       "0 p $1\r\nv\r\n0\n"
			       "0 timed $1\r\nw\r\n1\n"
			       "3 kept $5\r\nthree\r\n0\n";

static void expect_contents(int fd)
{
	char *all = contents(fd);

	g_assert_cmpstr(all, ==, expected);
	g_free(all);
}

static void killed_at_any_policy(const char *appendfsync)
{
	struct cache cache = { .dir = harness_make_dir() };

	cache_start(&cache, appendfsync, "");
	change_everything(cache.fd);
	cache_kill(&cache);
	cache_start(&cache, appendfsync, "");
	expect_contents(cache.fd);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

static void a_killed_one_comes_back_whole(void)
{
	killed_at_any_policy("always");
	killed_at_any_policy("everysec");
	killed_at_any_policy("no");
}

static void a_stopped_one_comes_back_whole(void)
{
	struct cache cache = { .dir = harness_make_dir() };

	for (int i = 0; i < 3; i++) {
		cache_start(&cache, "everysec", "");
		if (i == 0) {
			change_everything(cache.fd);
		}
		expect_contents(cache.fd);
		cache_stop(&cache);
	}
	harness_remove_dir(cache.dir);
}

static void a_dead_worker_comes_back_whole(void)
{
	struct cache cache = { .dir = harness_make_dir() };

	cache_start(&cache, "always", "");
	change_everything(cache.fd);
	g_assert_cmpint(kill(cache.serving.worker, SIGKILL), ==, 0);
	close(cache.fd);
	shinyd_await_serving(&cache.shinyd, "cache", &cache.serving);
	cache.fd = client_connect(cache.serving.address);
	expect_contents(cache.fd);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

static void redis_server_loads_it(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct child server;
	int fd;

	redis_need("redis-server");
	cache_start(&cache, "no", "");
	change_everything(cache.fd);
	cache_stop(&cache);
	fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", NULL);
	expect_contents(fd);
	close(fd);
	child_finish(&server);
	harness_remove_dir(cache.dir);
}

static void redis_check_aof_accepts_it(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *file = cache_file(&cache), *output;
	const char *argv[] = { "redis-check-aof", file, NULL };

	redis_need("redis-check-aof");
	cache_start(&cache, "no", "");
	change_everything(cache.fd);
	cache_stop(&cache);
	g_assert_cmpint(child_run(argv, &output), ==, 0);
	g_assert_nonnull(strstr(output, "is valid"));
	g_free(output);
	g_free(file);
	harness_remove_dir(cache.dir);
}

/* Where records begin, as the end of each is a state to come back to. */
static void a_torn_tail_is_cut_at_every_byte(void)
{
	static const char whole[] =
		"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n";
	static const char last[] = "*3\r\n$3\r\nSET\r\n$2\r\nbb\r\n$12\r\n012345678901\r\n";
	struct cache cache = { .dir = harness_make_dir() };

	for (size_t cut = 1; cut < sizeof(last) - 1; cut += 3) {
		char *data = g_strdup_printf("%s%.*s", whole, (int)cut, last), *after;
		size_t len;

		cache_set_file(&cache, data, strlen(data));
		cache_start(&cache, "no", "");
		redis_expect(cache.fd, "DBSIZE", ":1\r\n");
		redis_expect(cache.fd, "SET c 3", OK);
		cache_stop(&cache);
		cache_get_file(&cache, &after, &len);
		g_assert_true(g_str_has_prefix(after, whole));
		g_assert_null(strstr(after, "bb"));
		g_assert_true(g_str_has_suffix(after, "\r\nc\r\n$1\r\n3\r\n"));
		g_free(after);
		g_free(data);
	}
	harness_remove_dir(cache.dir);
}

static void a_tail_of_zeros_is_cut(void)
{
	static const size_t sizes[] = { 1, 12, 4095, 4096, 65536, 3000000 };
	static const char whole[] = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n";
	struct cache cache = { .dir = harness_make_dir() };

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		char *data = g_malloc0(sizeof(whole) - 1 + sizes[i]), *after;
		size_t len;

		memcpy(data, whole, sizeof(whole) - 1);
		cache_set_file(&cache, data, sizeof(whole) - 1 + sizes[i]);
		cache_start(&cache, "no", "");
		redis_expect(cache.fd, "GET a", "$1\r\n1\r\n");
		cache_stop(&cache);
		cache_get_file(&cache, &after, &len);
		g_assert_cmpmem(after, len, whole, sizeof(whole) - 1);
		g_free(after);
		g_free(data);
	}
	harness_remove_dir(cache.dir);
}

static void expect_refusal(const char *data, const char *text)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *after;
	size_t len;

	cache_set_file(&cache, data, strlen(data));
	shinyd_expect(1, text, NULL,
		      "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
		      "appendonly = yes\ndir = %s\n",
		      cache.dir);
	cache_get_file(&cache, &after, &len);
	g_assert_cmpstr(after, ==, data);
	g_free(after);
	harness_remove_dir(cache.dir);
}

#define RECORD	"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
#define UNKNOWN "*1\r\n$4\r\nNONE\r\n"

static void damage_is_refused_and_named(void)
{
	expect_refusal(RECORD "junk\r\n" RECORD, "damaged at offset 27 of 60: no request");
	expect_refusal(RECORD UNKNOWN RECORD,
		       "refused at offset 27 of 68: ERR unknown command 'NONE'");
	expect_refusal("*1\r\n$4\r\nPING\r\n", "refused at offset 0 of 14: ERR not a command");
	/* Grown lengths reach beyond the end, as a record does that was never written whole. */
	expect_refusal(RECORD "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000\r\n1\r\n" RECORD RECORD,
		       "damaged at offset 27 of 111: a length that reaches beyond the end");
	expect_refusal(RECORD "*1000\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n" RECORD,
		       "damaged at offset 27");
}

/* It is the request that fails whose offset is named, not the end of what was read with it. */
static void repairing_as_it_says_helps(void)
{
	enum {
		BEFORE = 3000,
		LEN = sizeof(RECORD) - 1
	};
	struct cache cache = { .dir = harness_make_dir() };
	GString *data = g_string_new("");
	char *text;

	for (int i = 0; i < 2 * BEFORE; i++) {
		g_string_append(data, i == BEFORE ? UNKNOWN : RECORD);
	}
	text = g_strdup_printf("refused at offset %d of %zu", BEFORE * LEN, data->len);
	expect_refusal(data->str, text);
	cache_set_file(&cache, data->str, BEFORE * (size_t)LEN);
	cache_start(&cache, "no", "");
	redis_expect(cache.fd, "DBSIZE", ":1\r\n");
	cache_stop(&cache);
	g_free(text);
	g_string_free(data, TRUE);
	harness_remove_dir(cache.dir);
}

/* Redis skips two bytes behind each string without a look, and so do we, but not in a file. */
static void what_a_client_writes_oddly_is_loaded_again(void)
{
	static const char odd[] =
		"*3\r\n$3\r\nSETXX$1\r\naXX$1\r\n1XX"
		"*3\rX$3\rXSET\r\n$1\r\nb\r\n$1\rX2\r\n"
		"*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCRXX$1\r\naXX*1\r\n$4\r\nEXEC\r\n"
		"SET c '3'\n";
	struct cache cache = { .dir = harness_make_dir() };
	char *file = cache_file(&cache), *output;
	const char *argv[] = { "redis-check-aof", file, NULL };

	cache_start(&cache, "no", "");
	client_send(cache.fd, odd, sizeof(odd) - 1);
	client_expect(cache.fd, OK OK OK "+QUEUED\r\n*1\r\n:2\r\n" OK);
	cache_kill(&cache);
	cache_start(&cache, "no", "");
	redis_expect(cache.fd, "MGET a b c", "*3\r\n$1\r\n2\r\n$1\r\n2\r\n$1\r\n3\r\n");
	cache_stop(&cache);
	redis_need("redis-check-aof");
	g_assert_cmpint(child_run(argv, &output), ==, 0);
	g_free(output);
	g_free(file);
	harness_remove_dir(cache.dir);
}

/* Its base and its increments, one behind the other, as redis-lite(7) says. */
static void a_file_of_redis_server_is_loaded(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *script = g_strdup_printf("cd %s && cat appendonlydir/*.base.aof "
				       "appendonlydir/*.incr.aof >appendonly.aof && "
				       "rm -r appendonlydir",
				       cache.dir);
	const char *argv[] = { "sh", "-c", script, NULL };
	struct child server;
	char *output;
	int fd;

	redis_need("redis-server");
	fd = redis_server_start(&server, cache.dir, "--appendonly", "yes", "--aof-use-rdb-preamble",
				"no", "--aof-timestamp-enabled", "yes", NULL);
	change_everything(fd);
	expect_contents(fd);
	close(fd);
	child_finish(&server);
	g_assert_cmpint(child_run(argv, &output), ==, 0);
	cache_start(&cache, "no", "");
	expect_contents(cache.fd);
	cache_stop(&cache);
	g_free(output);
	g_free(script);
	harness_remove_dir(cache.dir);
}

/* redis-server writes none, but people do. */
static void times_to_live_count_from_the_load(void)
{
	static const char data[] =
		RECORD "*3\r\n$6\r\nEXPIRE\r\n$1\r\na\r\n$3\r\n100\r\n"
		       "*5\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n1\r\n$2\r\nEX\r\n$3\r\n100\r\n";
	struct cache cache = { .dir = harness_make_dir() };

	cache_set_file(&cache, data, sizeof(data) - 1);
	cache_start(&cache, "no", "");
	redis_expect(cache.fd, "TTL a", ":100\r\n");
	redis_expect(cache.fd, "TTL b", ":100\r\n");
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

static void a_second_owner_is_refused(void)
{
	struct cache cache = { .dir = harness_make_dir() };

	cache_start(&cache, "no", "");
	shinyd_expect(1, "another process has it open", NULL,
		      "[server cache]\nplugin = redis-lite\nlisten = tcp://127.0.0.1:0\n"
		      "appendonly = yes\ndir = %s\n",
		      cache.dir);
	redis_expect(cache.fd, "SET a 1", OK);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

/* A key that was changed while it had a time to live must not lose it because that has passed when
 * the file is loaded. */
static void time_stands_still_while_it_loads(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	static const char data[] =
		"*5\r\n$3\r\nSET\r\n$1\r\nn\r\n$1\r\n5\r\n$4\r\nPXAT\r\n$4\r\n1000\r\n"
		"*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n"
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"
		"*3\r\n$9\r\nPEXPIREAT\r\n$1\r\nk\r\n$4\r\n1000\r\n";

	cache_set_file(&cache, data, sizeof(data) - 1);
	cache_start(&cache, "no", "");
	redis_expect(cache.fd, "GET n", "$-1\r\n");
	redis_expect(cache.fd, "GET k", "$-1\r\n");
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

/* Larger than what gathers in memory, so that it goes to the file at once. */
static void a_large_value_is_logged(void)
{
	enum {
		SIZE = 1 << 20
	};
	struct cache cache = { .dir = harness_make_dir() };
	char *value = client_pattern(SIZE, 5);

	cache_start(&cache, "always", "");
	redis_expect(cache.fd, "SET before v", OK);
	client_send_text(cache.fd, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1048576\r\n");
	client_send(cache.fd, value, SIZE);
	client_send_text(cache.fd, "\r\n");
	client_expect(cache.fd, OK);
	redis_expect(cache.fd, "SET after v", OK);
	cache_kill(&cache);
	cache_start(&cache, "always", "");
	redis_expect(cache.fd, "DBSIZE", ":3\r\n");
	redis_send(cache.fd, "GET k");
	client_expect(cache.fd, "$1048576\r\n");
	client_expect_bytes(cache.fd, value, SIZE);
	client_expect(cache.fd, "\r\n");
	cache_stop(&cache);
	g_free(value);
	harness_remove_dir(cache.dir);
}

/* What may be written to a file is limited, as on a full disk: no reply may promise what is not in
 * it, reads go on, and so do writes once there is space again. */
static void a_full_disk_refuses_writes_until_there_is_space(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct rlimit limit = { 4096, RLIM_INFINITY }, before;
	char *value = client_pattern(5000, 6), *reply;

	for (char *p = value; p < value + 5000; p++) {
		*p = 'v';
	}
	value[4999] = '\0';
	signal(SIGXFSZ, SIG_IGN); /* the worker inherits it: the write fails, instead of its life */
	cache_start(&cache, "no", "");
	redis_expect(cache.fd, "SET small v", OK);
	g_assert_cmpint(prlimit(cache.serving.worker, RLIMIT_FSIZE, &limit, &before), ==, 0);
	const char *const words[] = { "SET", "large", value };
	redis_send_words(cache.fd, words, 3);
	client_expect_reset(cache.fd);
	close(cache.fd);

	cache.fd = client_connect(cache.serving.address);
	redis_expect(cache.fd, "GET small", "$1\r\nv\r\n");
	redis_expect(cache.fd, "SET small w",
		     "-MISCONF Errors writing to the AOF file: File too large\r\n");
	g_assert_cmpint(prlimit(cache.serving.worker, RLIMIT_FSIZE, &before, NULL), ==, 0);
	while (strcmp(reply = redis_ask(cache.fd, "SET small w"), OK) != 0) {
		g_free(reply);
		g_usleep(10000);
	}
	g_free(reply);
	cache_kill(&cache);
	cache_start(&cache, "no", "");
	redis_expect(cache.fd, "GET small", "$1\r\nw\r\n");
	redis_expect(cache.fd, "DBSIZE", ":2\r\n");
	cache_stop(&cache);
	g_free(value);
	harness_remove_dir(cache.dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/file");
	harness_add_slow("/a-killed-one-comes-back-whole", a_killed_one_comes_back_whole, 60);
	harness_add_slow("/a-stopped-one-comes-back-whole", a_stopped_one_comes_back_whole, 60);
	harness_add_slow("/a-dead-worker-comes-back-whole", a_dead_worker_comes_back_whole, 60);
	harness_add_slow("/redis-server-loads-it", redis_server_loads_it, 60);
	harness_add_slow("/redis-check-aof-accepts-it", redis_check_aof_accepts_it, 60);
	harness_add_slow("/a-torn-tail-is-cut-at-every-byte", a_torn_tail_is_cut_at_every_byte,
			 120);
	harness_add_slow("/a-tail-of-zeros-is-cut", a_tail_of_zeros_is_cut, 60);
	harness_add_slow("/damage-is-refused-and-named", damage_is_refused_and_named, 60);
	harness_add_slow("/repairing-as-it-says-helps", repairing_as_it_says_helps, 60);
	harness_add_slow("/what-a-client-writes-oddly-is-loaded-again",
			 what_a_client_writes_oddly_is_loaded_again, 60);
	harness_add_slow("/a-file-of-redis-server-is-loaded", a_file_of_redis_server_is_loaded, 60);
	harness_add("/times-to-live-count-from-the-load", times_to_live_count_from_the_load);
	harness_add_slow("/a-second-owner-is-refused", a_second_owner_is_refused, 60);
	harness_add("/time-stands-still-while-it-loads", time_stands_still_while_it_loads);
	harness_add_slow("/a-large-value-is-logged", a_large_value_is_logged, 60);
	harness_add_slow("/a-full-disk-refuses-writes-until-there-is-space",
			 a_full_disk_refuses_writes_until_there_is_space, 60);
	return harness_run();
}
