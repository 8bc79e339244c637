/* SPDX-License-Identifier: MIT */
#include "redis-lite/scene.h"
#include "aof/internal.h"
#include "client.h"
#include "command/batch.h"
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "harness.h"
#include "persistence.h"
#include "redis-lite/store.h"
#include "store/evict.h"
#include "store/huge.h"
#include "store/table-internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOW_MS 1000000

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_heap_alloc(struct heap *heap, size_t size);
void *__real_heap_grow(struct heap *heap, void *block, size_t size, size_t other);
struct table_bucket *__real_table_alloc_overflow(struct table *table);
void *__real_huge_map(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_heap_alloc(struct heap *heap, size_t size);
void *__wrap_heap_grow(struct heap *heap, void *block, size_t size, size_t other);
struct table_bucket *__wrap_table_alloc_overflow(struct table *table);
void *__wrap_huge_map(size_t size);

static _Thread_local int countdown = SCENE_NEVER; /* the allocation at 0 fails */
static _Thread_local bool failed;

static bool fails(void)
{
	if (countdown == SCENE_NEVER || countdown-- > 0) {
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

struct table_bucket *__wrap_table_alloc_overflow(struct table *table)
{
	return fails() ? NULL : __real_table_alloc_overflow(table);
}

void *__wrap_huge_map(size_t size)
{
	return fails() ? NULL : __real_huge_map(size);
}

static void ignore_log(const struct shiny_host *host, enum shiny_log_level level, const char *text)
{
	(void)host;
	(void)level;
	(void)text;
}

static void ignore_state(const struct shiny_host *host, const char *text)
{
	(void)host;
	(void)text;
}

/* All keys, a line each, as store_contents() has them. */
static GString *scene_contents(const struct instance *instance)
{
	char *lines = store_contents(instance);
	GString *text = g_string_new(lines);

	if (text->len > 0) {
		g_string_append_c(text, '\n');
	}
	g_free(lines);
	return text;
}

static void open_file(struct instance *instance)
{
	char error[SHINY_ERROR_MAX];

	if (persistence_open(instance, error) < 0) {
		harness_fail("%s", error);
	}
}

/* The same, with what is known of those who watch. */
static GString *scene_state(const struct scene *scene)
{
	GString *text = scene_contents(scene->instance);
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
	scene->before = scene_state(scene);
	failed = false;
	countdown = scene->nth;
	go_on = run(scene, conn, data, len);
	countdown = SCENE_NEVER;
	scene->failed = failed;
	scene->after = scene_state(scene);
	scene->armed = false;
	return go_on;
}

static void end_client(struct shiny_conn *conn, int error, void *ctx)
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

struct scene *scene_open(void)
{
	static const struct shiny_handlers handlers = { .handle = serve,
							.closed = end_client,
							.tick = tick };
	struct shiny_options options = SHINY_OPTIONS;
	struct scene *scene = g_new0(struct scene, 1);

	scene->dir = harness_make_dir();
	scene->host = (struct shiny_host){ .size = sizeof(scene->host),
					   .log = ignore_log,
					   .degraded = ignore_state };
	scene->instance = store_create(scene->dir);
	scene->instance->host = &scene->host;
	open_file(scene->instance);
	scene->instance->keyspace.dropped = log_dropped;
	scene->instance->keyspace.arg = scene->instance;
	options.commit = commit;
	options.tick_ms = options.idle_tick_ms = 5;
	scene->serving = serving_start(&handlers, &options, scene);
	scene->fd = client_connect(scene->serving->address);
	return scene;
}

void scene_close(struct scene *scene)
{
	close(scene->fd);
	latch_await(&scene->serving->closes, scene->serving->accepts.count);
	serving_stop(scene->serving);
	store_destroy(scene->instance);
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
GString *scene_ask(const struct scene *scene, const char *requests)
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
static void scene_send(const struct scene *scene, const char *requests)
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

void scene_await_file(struct scene *scene)
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
	struct instance *copy = store_create(dir);
	GString *text;
	gsize len;

	g_assert_true(g_file_get_contents(from, &data, &len, NULL));
	g_assert_true(g_file_set_contents(to, data, (gssize)len, NULL));
	copy->host = &scene->host;
	open_file(copy);
	text = scene_contents(copy);
	store_destroy(copy);
	harness_remove_dir(dir);
	g_free(data);
	g_free(from);
	g_free(to);
	return text;
}

void scene_expect_file(struct scene *scene, const char *after, const char *requests)
{
	GString *text;

	scene_await_file(scene);
	text = contents_of_file(scene);
	if (strncmp(after, text->str, text->len) != 0 ||
	    (after[text->len] != '\0' && !g_str_has_prefix(after + text->len, "watches "))) {
		harness_fail("%s, allocation %d fails: memory has\n%sand the file\n%s", requests,
			     scene->nth, after, text->str);
	}
	g_string_free(text, TRUE);
}

/* Everything that was kept for further use is to be allocated again. */
static void free_room(struct scene *scene)
{
	struct aof_writer *log = &scene->instance->aof->log;

	g_assert_cmpuint(log->len, ==, 0);
	free(log->buf);
	log->buf = NULL;
	log->room = 0;
}

/* Runs requests from the same beginning each time; NULL once there is no such allocation. */
GString *scene_try(struct scene *scene, const char *setup, const char *requests, int nth)
{
	GString *replies;

	scene_await_file(scene);
	scene_send(scene, "UNWATCH;FLUSHALL");
	scene_send(scene, setup);
	scene_send(scene, "WATCH short long timed number new new2 new3 new4");
	free_room(scene);
	scene->nth = nth;
	scene->armed = true;
	replies = scene_ask(scene, requests);
	g_assert_false(scene->armed);
	scene_expect_file(scene, scene->after->str, requests);
	return replies;
}

void scene_free_states(struct scene *scene)
{
	g_string_free(scene->before, TRUE);
	g_string_free(scene->after, TRUE);
	scene->before = scene->after = NULL;
}

/* In requests: a value that needs a block of its own, or one that comes from malloc(). */
char *scene_fill_values(const char *requests)
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

const char *const scene_setup =
	"SET short abc;SET long LARGE;SET timed abc PXAT 9999999999999;SET number 17;"
	"SET full MEDIUM PXAT 9999999999999;"
	"SET grown MEDIUMMEDIUMMEDIUMMEDIUM;APPEND grown MEDIUMMEDIUM";

const char *const scene_changes[] = {
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
	NULL,
};
