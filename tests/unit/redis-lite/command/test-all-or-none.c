/* SPDX-License-Identifier: MIT */
/*
 * Memory running out in the middle of a command: what is refused has changed nothing, neither in
 * memory nor for those who watch, and the append-only file always makes what memory holds.
 *
 * redis-lite is served by libshiny to clients on sockets. Each allocation that a command needs fails
 * once in turn: the linker's --wrap puts the functions below between the parts, and they fail in the
 * serving thread while a request is run.
 */
#include "aof/internal.h"
#include "client.h"
#include "command/batch.h"
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "harness.h"
#include "persistence.h"
#include "serving.h"
#include "store/evict.h"
#include "store/huge.h"
#include "store/table-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEVER  (-1)
#define NOW_MS 1000000

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_heap_alloc(struct heap *heap, size_t size);
void *__real_heap_grow(struct heap *heap, void *block, size_t size, size_t other);
struct table_bucket *__real_table_take_spare(struct table *table);
void *__real_huge_map(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_heap_alloc(struct heap *heap, size_t size);
void *__wrap_heap_grow(struct heap *heap, void *block, size_t size, size_t other);
struct table_bucket *__wrap_table_take_spare(struct table *table);
void *__wrap_huge_map(size_t size);

static _Thread_local int countdown = NEVER; /* the allocation at 0 fails */
static _Thread_local bool failed;

static bool fails(void)
{
	if (countdown == NEVER || countdown-- > 0) {
		return false;
	}
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_heap_alloc(struct heap *heap, size_t size)
{
	return fails() ? NULL : __real_heap_alloc(heap, size);
}

void *__wrap_heap_grow(struct heap *heap, void *block, size_t size, size_t other)
{
	return fails() ? NULL : __real_heap_grow(heap, block, size, other);
}

struct table_bucket *__wrap_table_take_spare(struct table *table)
{
	return fails() ? NULL : __real_table_take_spare(table);
}

void *__wrap_huge_map(size_t size)
{
	return fails() ? NULL : __real_huge_map(size);
}

static void forget(const struct shiny_host *host, enum shiny_log_level level, const char *text)
{
	(void)host;
	(void)level;
	(void)text;
}

static void forget_state(const struct shiny_host *host, const char *text)
{
	(void)host;
	(void)text;
}

/* What is served, and what one request does to it. */
struct scene {
	struct shiny_host host;
	struct instance *instance;
	struct serving *serving;
	char *dir;
	int fd;	     /* of a client that watches */
	gint broken; /* atomic: the file is being written anew */

	/* The test's, while no request is under way. */
	bool armed;
	bool full;  /* there are more keys than may be */
	int nth;    /* allocation that is to fail, from 0 */
	int failed; /* whether there was one */
	GString *before, *after;
};

struct dump {
	GPtrArray *lines;
	unsigned db;
};

static void add_entry(table_slot slot, void *arg)
{
	const struct entry *entry = table_entry(slot);
	struct dump *dump = arg;

	g_ptr_array_add(dump->lines, g_strdup_printf("%u %.*s=%.*s@%" G_GINT64_FORMAT "\n",
						     dump->db, (int)entry_key_len(entry),
						     entry_key(entry), (int)entry->value_len,
						     entry_value(entry), entry_expiry(entry)));
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All keys, with their values and expiries, and whether the counts of the tables are theirs. */
static GString *contents(const struct instance *instance)
{
	struct dump dump = { .lines = g_ptr_array_new_with_free_func(g_free) };
	GString *text = g_string_new("");
	size_t count = 0;

	for (; dump.db < KEYSPACE_DBS; dump.db++) {
		const struct table *table = &instance->keyspace.db[dump.db];

		for (size_t i = 0; i < table->buckets; i++) {
			table_each(table, i, add_entry, &dump);
		}
		count += table->count;
	}
	g_assert_cmpuint(count, ==, dump.lines->len);
	g_ptr_array_sort(dump.lines, compare_text);
	for (guint i = 0; i < dump.lines->len; i++) {
		g_string_append(text, dump.lines->pdata[i]);
	}
	g_ptr_array_free(dump.lines, TRUE);
	return text;
}

/* The same, with what is known of those who watch. */
static GString *whole_state(const struct scene *scene)
{
	GString *text = contents(scene->instance);
	struct shiny_conn *conn = NULL;

	while ((conn = shiny_server_next(scene->serving->server, conn))) {
		const struct client *client = client_of(conn);

		if (client && client->watcher.count > 0) {
			g_string_append_printf(text, "watches %zu %zu %d\n", client->watcher.count,
					       client->watcher.bytes, client->watcher.touched);
		}
	}
	return text;
}

static struct instance *make_instance(const struct shiny_host *host, const char *dir)
{
	struct instance *instance = g_new0(struct instance, 1);

	instance->host = host;
	instance->settings = (struct settings){
		.appendonly = true,
		.aof = { .fsync = AOF_FSYNC_NO, .filename = "file", .dir = dir },
	};
	keyspace_init(&instance->keyspace, 1);
	command_index_init(&instance->commands);
	command_stats_init(&instance->command_stats);
	g_assert_cmpint(batch_init(&instance->batch), ==, 0);
	return instance;
}

static void open_file(struct instance *instance)
{
	char error[SHINY_ERROR_MAX];

	if (persistence_open(instance, error) < 0) {
		harness_fail("%s", error);
	}
}

static void finish_instance(struct instance *instance)
{
	aof_close(instance->aof);
	keyspace_finish(&instance->keyspace);
	batch_finish(&instance->batch);
	command_stats_finish(&instance->command_stats);
	slowlog_clear(&instance->slowlog);
	g_free(instance);
}

static const struct reply_terms terms = { .most = UINT64_MAX };

/* As the plugin's own, except that time stands still. */
static bool run(struct scene *scene, struct shiny_conn *conn, const char *data, size_t len)
{
	struct instance *instance = scene->instance;
	struct reply reply = {
		.resp = { .conn = conn, .hooks = &reply_hooks },
		.terms = &terms,
		.grown = true,
	};
	struct call call = {
		.instance = instance,
		.conn = conn,
		.client = client_of(conn),
		.reply = &reply.resp,
		.now_ms = NOW_MS,
	};
	struct batch_result result;

	if (call.client) {
		call.db = call.client->db;
	}
	command_stats_start(&instance->command_stats, slowlog_timed(&instance->slowlog), 1);
	result = batch_run(&instance->batch, &call, data, len);
	keyspace_reclaim(&instance->keyspace);
	return !result.end &&
	       (result.used == len || shiny_unread(conn, len - result.used, result.want) == 0);
}

static bool serve(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct scene *scene = ctx;
	struct keyspace *keyspace = &scene->instance->keyspace;
	bool go_on;

	if (!scene->armed) {
		return run(scene, conn, data, len);
	}
	evict_configure(keyspace, scene->full ? keyspace_used(keyspace) - 1 : 0,
			EVICT_ALLKEYS_RANDOM);
	scene->before = whole_state(scene);
	failed = false;
	countdown = scene->nth;
	go_on = run(scene, conn, data, len);
	countdown = NEVER;
	scene->failed = failed;
	scene->after = whole_state(scene);
	scene->armed = false;
	return go_on;
}

static void note_end(struct shiny_conn *conn, int error, void *ctx)
{
	struct scene *scene = ctx;

	(void)error;
	client_destroy(client_of(conn), &scene->instance->keyspace.watches);
}

static int commit(void *ctx)
{
	struct scene *scene = ctx;
	int r = aof_commit(scene->instance->aof);

	g_atomic_int_set(&scene->broken, aof_error(scene->instance->aof));
	return r;
}

static bool tick(void *ctx)
{
	struct scene *scene = ctx;
	int64_t now_ms = g_get_monotonic_time() / 1000;

	aof_rewrite_tick(scene->instance->aof, now_ms, NOW_MS);
	aof_tick(scene->instance->aof, now_ms);
	g_atomic_int_set(&scene->broken, aof_error(scene->instance->aof));
	return true;
}

static void log_dropped(void *arg, unsigned db, const struct entry *entry)
{
	struct instance *instance = arg;
	const struct shiny_resp_arg argv[] = {
		SHINY_RESP_ARG("DEL"),
		{ entry_key(entry), entry_key_len(entry) },
	};

	aof_log(instance->aof, db, argv, 2);
}

static struct scene *scene_open(void)
{
	static const struct shiny_handlers handlers = { .handle = serve,
							.closed = note_end,
							.tick = tick };
	struct shiny_options options = SHINY_OPTIONS;
	struct scene *scene = g_new0(struct scene, 1);

	scene->dir = harness_make_dir();
	scene->host = (struct shiny_host){ .size = sizeof(scene->host),
					   .log = forget,
					   .degraded = forget_state };
	scene->instance = make_instance(&scene->host, scene->dir);
	open_file(scene->instance);
	scene->instance->keyspace.dropped = log_dropped;
	scene->instance->keyspace.arg = scene->instance;
	options.commit = commit;
	options.tick_ms = options.idle_tick_ms = 5;
	scene->serving = serving_start(&handlers, &options, scene);
	scene->fd = client_connect(scene->serving->address);
	return scene;
}

static void scene_close(struct scene *scene)
{
	close(scene->fd);
	latch_await(&scene->serving->closes, scene->serving->accepts.count);
	serving_stop(scene->serving);
	finish_instance(scene->instance);
	harness_remove_dir(scene->dir);
	g_free(scene);
}

/* Requests that are divided by ';' in the protocol's form, their words by blanks. */
static GString *wire_of(const char *requests)
{
	char **all = g_strsplit(requests, ";", -1);
	GString *wire = g_string_new("");

	for (char **request = all; *request; request++) {
		char **words = g_strsplit(*request, " ", -1);

		g_string_append_printf(wire, "*%u\r\n", g_strv_length(words));
		for (char **word = words; *word; word++) {
			g_string_append_printf(wire, "$%zu\r\n%s\r\n", strlen(*word), *word);
		}
		g_strfreev(words);
	}
	g_strfreev(all);
	return wire;
}

/* All replies to what a client of its own sends; what comes before a reset counts, too. */
static GString *ask(const struct scene *scene, const char *requests)
{
	int fd = client_connect(scene->serving->address);
	GString *wire = wire_of(requests), *replies = g_string_new("");
	char buf[4096];
	ssize_t n;

	client_send(fd, wire->str, wire->len);
	shutdown(fd, SHUT_WR);
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		g_string_append_len(replies, buf, n);
	}
	close(fd);
	g_string_free(wire, TRUE);
	return replies;
}

/* Requests that reply with one line each, none of which is an error. */
static void tell(const struct scene *scene, const char *requests)
{
	GString *wire = wire_of(requests);
	char **all = g_strsplit(requests, ";", -1);

	client_send(scene->fd, wire->str, wire->len);
	for (char **request = all; *request; request++) {
		char *line = client_receive_line(scene->fd);

		if (line[0] == '-') {
			harness_fail("%s: %s", *request, line);
		}
		g_free(line);
	}
	g_strfreev(all);
	g_string_free(wire, TRUE);
}

static void await_whole_file(struct scene *scene)
{
	gint64 give_up = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000;

	while (g_atomic_int_get(&scene->broken)) {
		g_assert_cmpint(g_get_monotonic_time(), <, give_up);
		g_usleep(1000);
	}
}

/* A copy of the file, loaded by somebody else. */
static GString *contents_of_file(const struct scene *scene)
{
	char *dir = harness_make_dir(), *data;
	char *from = g_build_filename(scene->dir, "file", NULL);
	char *to = g_build_filename(dir, "file", NULL);
	struct instance *copy = make_instance(&scene->host, dir);
	GString *text;
	gsize len;

	g_assert_true(g_file_get_contents(from, &data, &len, NULL));
	g_assert_true(g_file_set_contents(to, data, (gssize)len, NULL));
	open_file(copy);
	text = contents(copy);
	finish_instance(copy);
	harness_remove_dir(dir);
	g_free(data);
	g_free(from);
	g_free(to);
	return text;
}

static void expect_file(struct scene *scene, const char *after, const char *requests)
{
	GString *text;

	await_whole_file(scene);
	text = contents_of_file(scene);
	if (strncmp(after, text->str, text->len) != 0 ||
	    (after[text->len] != '\0' && !g_str_has_prefix(after + text->len, "watches "))) {
		harness_fail("%s, allocation %d fails: memory has\n%sand the file\n%s", requests,
			     scene->nth, after, text->str);
	}
	g_string_free(text, TRUE);
}

/* Everything that was kept for further use is to be allocated again. */
static void forget_room(struct scene *scene)
{
	struct aof_writer *log = &scene->instance->aof->log;

	g_assert_cmpuint(log->len, ==, 0);
	free(log->buf);
	log->buf = NULL;
	log->room = 0;
}

/* Runs requests from the same beginning each time; NULL once there is no such allocation. */
static GString *try(struct scene *scene, const char *setup, const char *requests, int nth)
{
	GString *replies;

	await_whole_file(scene);
	tell(scene, "UNWATCH;FLUSHALL");
	tell(scene, setup);
	tell(scene, "WATCH short long timed number new new2 new3 new4");
	forget_room(scene);
	scene->nth = nth;
	scene->armed = true;
	replies = ask(scene, requests);
	g_assert_false(scene->armed);
	expect_file(scene, scene->after->str, requests);
	return replies;
}

static void forget_states(struct scene *scene)
{
	g_string_free(scene->before, TRUE);
	g_string_free(scene->after, TRUE);
	scene->before = scene->after = NULL;
}

/* Some of a transaction may be done and some be refused. */
static bool is_transaction(const char *requests)
{
	return g_str_has_prefix(requests, "MULTI");
}

static void expect_all_or_none(const struct scene *scene, const char *requests,
			       const GString *replies, const char *done)
{
	bool refused = replies->str[0] == '-';
	bool unchanged = strcmp(scene->before->str, scene->after->str) == 0;

	if (is_transaction(requests) || unchanged) {
		return;
	}
	/* The reply of what was done may be what no memory was left for. */
	if (refused || strcmp(scene->after->str, done) != 0) {
		harness_fail("%s, allocation %d fails: %s, but of\n%sit has made\n%s", requests,
			     scene->nth, replies->str, scene->before->str, scene->after->str);
	}
}

static void fail_each(struct scene *scene, const char *setup, const char *requests)
{
	GString *replies = try(scene, setup, requests, NEVER);
	char *done = g_strdup(scene->after->str);
	bool more = true;

	g_assert_cmpint(replies->str[0], !=, '-');
	forget_states(scene);
	g_string_free(replies, TRUE);
	for (int nth = 0; more; nth++) {
		replies = try(scene, setup, requests, nth);
		expect_all_or_none(scene, requests, replies, done);
		more = scene->failed;
		forget_states(scene);
		g_string_free(replies, TRUE);
	}
	g_free(done);
}

/* In requests: a value that needs a block of its own, or one that comes from malloc(). */
static char *with_values(const char *requests)
{
	char *medium = g_strnfill(300, 'm'), *large = g_strnfill(3000, 'L');
	char **parts = g_strsplit(requests, "MEDIUM", -1);
	char *text = g_strjoinv(medium, parts), *all;

	g_strfreev(parts);
	parts = g_strsplit(text, "LARGE", -1);
	all = g_strjoinv(large, parts);
	g_strfreev(parts);
	g_free(text);
	g_free(medium);
	g_free(large);
	return all;
}

static const char *const setup_text =
	"SET short abc;SET long LARGE;SET timed abc PXAT 9999999999999;SET number 17;"
	"SET full MEDIUM PXAT 9999999999999;"
	"SET grown MEDIUMMEDIUMMEDIUMMEDIUM;APPEND grown MEDIUMMEDIUM";

static const char *const changing[] = {
	"SET new v",
	"SET new LARGE",
	"SET short LARGE",
	"SET long abc",
	"SET short v PXAT 9999999999999",
	"SET timed MEDIUM KEEPTTL",
	"SET short v GET",
	"SET short LARGE GET",
	"SET long abc GET",
	"SET new v GET",
	"SET timed MEDIUM KEEPTTL GET",
	"SETNX new LARGE",
	"SETEX short 1000 v",
	"PSETEX new 1000 MEDIUM",
	"GETSET short xyz",
	"GETSET short LARGE",
	"GETSET long abc",
	"GETSET new v",
	"GETDEL short",
	"GETDEL long",
	"GETEX short PXAT 9999999999998",
	"GETEX long PXAT 9999999999998",
	"GETEX timed PXAT 9999999999998",
	"GETEX timed PERSIST",
	"GETEX long PXAT 1",
	"MSET short xyz number 18 timed abc",
	"MSET short xyz new v timed LARGE long abc",
	"MSET new v new LARGE new abc new MEDIUM",
	"MSET short xyz short LARGE short v short MEDIUM long LARGE",
	"MSET timed v timed MEDIUM timed abc timed MEDIUM",
	/* Its block has room for more than twice that. */
	"MSET grown LARGE grown MEDIUMMEDIUMMEDIUMMEDIUMMEDIUMMEDIUM",
	"MSET grown MEDIUMMEDIUMMEDIUMMEDIUMMEDIUMMEDIUM grown LARGE",
	("MSET a 1 b 2 c 3 d 4 e 5 f 6 g 7 h 8 i 9 j 10 k 11 l 12 m 13 n 14 o 15 p 16 q 17 short "
	 "LARGE"),
	"MSETNX new v new2 MEDIUM new3 LARGE",
	"MSETNX new v new LARGE new2 v",
	"APPEND short MEDIUM",
	"APPEND long LARGE",
	"APPEND new LARGE",
	"SETRANGE short 2000 x",
	"SETRANGE new 10 x",
	"SETBIT short 50000 1",
	"SETBIT new 7 1",
	"INCR number",
	"INCR new",
	"DECRBY number 1000000000",
	"INCRBYFLOAT number 0.5",
	"INCRBYFLOAT new 3",
	"DEL short long",
	"RENAME short new",
	"RENAME long short",
	"RENAME timed a-name-that-is-as-long-as-it-takes-for-another-class-of-blocks",
	"RENAMENX long new",
	"COPY short new",
	"COPY long short REPLACE",
	"COPY timed new DB 1",
	"MOVE short 1",
	"MOVE timed 5",
	"SWAPDB 0 1",
	"FLUSHDB",
	"FLUSHALL",
	"EXPIREAT short 9999999999",
	"PEXPIREAT long 9999999999999",
	"PEXPIREAT timed 1",
	"PERSIST timed",
	"WATCH short new new2 new3",
	"CLIENT SETNAME somebody",
	"MULTI;SET new v;MSET short LARGE new2 v;GETDEL long;GETSET short MEDIUM;EXEC",
	"MULTI;RENAME short new;APPEND new LARGE;COPY new new2 DB 1;FLUSHDB;SET new3 v;EXEC",
};

static void what_is_refused_changes_nothing(void)
{
	struct scene *scene = scene_open();
	char *setup = with_values(setup_text);

	for (size_t i = 0; i < G_N_ELEMENTS(changing); i++) {
		char *requests = with_values(changing[i]);

		fail_each(scene, setup, requests);
		g_free(requests);
	}
	g_free(setup);
	scene_close(scene);
}

/* As an overflow bucket is needed, or the table grows: a few hundred keys do that. */
static void many_keys_come_together_or_not_at_all(void)
{
	static const int counts[] = { 17, 600 };
	struct scene *scene = scene_open();
	char *setup = with_values(setup_text);

	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		GString *request = g_string_new("MSETNX");
		GString *replies;

		for (int key = 0; key < counts[i]; key++) {
			g_string_append_printf(request, " k%d v", key);
		}
		for (int nth = 0; nth == 0 || scene->failed; nth += 1 + nth / 20) {
			replies = try(scene, setup, request->str, nth);
			if (replies->str[0] == '-') {
				g_assert_cmpstr(scene->before->str, ==, scene->after->str);
			}
			forget_states(scene);
			g_string_free(replies, TRUE);
		}
		g_string_free(request, TRUE);
	}
	g_free(setup);
	scene_close(scene);
}

#define FUZZ_ROUNDS   3000
#define FUZZ_COMPARES 40

static char *random_request(GRand *rand)
{
	int kind = g_rand_int_range(rand, 0, 20);

	if (kind == 0) {
		return g_strdup("BGREWRITEAOF");
	}
	if (kind == 1) {
		return g_strdup_printf("SET k%d LARGE", g_rand_int_range(rand, 0, 200));
	}
	return g_strdup(changing[g_rand_int_range(rand, 0, G_N_ELEMENTS(changing))]);
}

/* With evictions, with rewrites under way, and with what one request leaves to the next. */
static void the_file_makes_what_memory_holds(void)
{
	struct scene *scene = scene_open();
	GRand *rand = g_rand_new_with_seed(12);

	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		char *template = random_request(rand), *requests = with_values(template);

		await_whole_file(scene);
		scene->full = g_rand_int_range(rand, 0, 4) == 0;
		scene->nth = g_rand_int_range(rand, NEVER, 6);
		scene->armed = true;
		g_string_free(ask(scene, requests), TRUE);
		if (round % FUZZ_COMPARES == 0) {
			expect_file(scene, scene->after->str, requests);
		}
		forget_states(scene);
		g_free(template);
		g_free(requests);
	}
	g_assert_cmpuint(scene->instance->keyspace.evicted_keys, >, 0);
	g_rand_free(rand);
	scene_close(scene);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/all-or-none");
	harness_add_slow("/what-is-refused-changes-nothing", what_is_refused_changes_nothing, 120);
	harness_add_slow("/many-keys-come-together-or-not-at-all",
			 many_keys_come_together_or_not_at_all, 120);
	harness_add_slow("/the-file-makes-what-memory-holds", the_file_makes_what_memory_holds,
			 120);
	return harness_run();
}
