/* SPDX-License-Identifier: MIT */
#include "redis-lite/store.h"

#include "command/batch.h"
#include "command/command.h"
#include "persistence.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

GString *store_log;
char store_error[SHINY_ERROR_MAX];

static void note(const struct shiny_host *host, enum shiny_log_level level, const char *text)
{
	(void)host;
	(void)level;
	g_string_append_printf(store_log, "%s\n", text);
}

static void note_degraded(const struct shiny_host *host, const char *text)
{
	(void)host;
	g_string_append_printf(store_log, "%s\n", text ? text : "well again");
}

static const struct shiny_host host = {
	.size = sizeof(host),
	.section = "test",
	.log = note,
	.degraded = note_degraded,
};

struct instance *store_create(const char *dir)
{
	struct instance *store = g_new0(struct instance, 1);

	if (!store_log) {
		store_log = g_string_new("");
	}
	store->host = &host;
	store->settings = (struct settings){
		.appendonly = true,
		.aof = { .fsync = AOF_FSYNC_NO, .filename = "file", .dir = dir },
	};
	keyspace_init(&store->keyspace, 1);
	command_index_init(&store->commands);
	command_stats_init(&store->command_stats);
	g_assert_cmpint(batch_init(&store->batch), ==, 0);
	return store;
}

int store_open(struct instance *store)
{
	return persistence_open(store, store_error);
}

void store_destroy(struct instance *store)
{
	aof_close(store->aof);
	keyspace_finish(&store->keyspace);
	batch_finish(&store->batch);
	command_stats_finish(&store->command_stats);
	slowlog_clear(&store->slowlog);
	g_free(store);
}

bool store_run(struct instance *store, const char *request, int64_t now_ms)
{
	static const struct reply_terms terms;
	struct reply reply = { .resp.hooks = &reply_hooks, .terms = &terms };
	struct call call = {
		.instance = store,
		.reply = &reply.resp,
		.now_ms = now_ms,
	};
	GString *wire = g_string_new("");
	char **words = g_strsplit(request, " ", -1);

	g_string_append_printf(wire, "*%u\r\n", g_strv_length(words));
	for (char **word = words; *word; word++) {
		g_string_append_printf(wire, "$%zu\r\n%s\r\n", strlen(*word), *word);
	}
	batch_run(&store->batch, &call, wire->str, wire->len);
	g_strfreev(words);
	g_string_free(wire, TRUE);
	return reply.resp.errors == 0;
}

struct listing {
	GPtrArray *all;
	unsigned db;
};

static void add_entry(table_slot slot, void *arg)
{
	const struct entry *entry = table_entry(slot);
	struct listing *listing = arg;
	char *key = g_strndup(entry_key(entry), entry_key_len(entry));
	char *value = g_strndup(entry_value(entry), entry->value_len);

	g_ptr_array_add(listing->all, g_strdup_printf("%u %s=%s@%" G_GINT64_FORMAT, listing->db,
						      key, value, entry_expiry(entry)));
	g_free(value);
	g_free(key);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *store_contents(const struct instance *store)
{
	struct listing listing = { .all = g_ptr_array_new_with_free_func(g_free) };
	size_t count = 0;
	char *text;

	for (; listing.db < KEYSPACE_DBS; listing.db++) {
		const struct table *table = &store->keyspace.db[listing.db];

		for (size_t i = 0; i < table->buckets; i++) {
			table_each(table, i, add_entry, &listing);
		}
		count += table->count;
	}
	g_assert_cmpuint(count, ==, listing.all->len);
	g_ptr_array_sort(listing.all, compare_text);
	g_ptr_array_add(listing.all, NULL);
	text = g_strjoinv("\n", (char **)listing.all->pdata);
	g_ptr_array_free(listing.all, TRUE);
	return text;
}

void store_put(const char *dir, const char *name, const void *data, size_t len)
{
	char *file = g_build_filename(dir, name, NULL);
	FILE *out;

	unlink(file); /* to write over it would take a sync */
	out = fopen(file, "we");
	g_assert_nonnull(out);
	g_assert_cmpuint(fwrite(data, 1, len, out), ==, len);
	g_assert_cmpint(fclose(out), ==, 0);
	g_free(file);
}

char *store_get(const char *dir, const char *name, size_t *ret_len)
{
	char *file = g_build_filename(dir, name, NULL), *data;

	g_assert_true(g_file_get_contents(file, &data, ret_len, NULL));
	g_free(file);
	return data;
}

bool store_has(const char *dir, const char *name)
{
	char *file = g_build_filename(dir, name, NULL);
	bool has = access(file, F_OK) == 0;

	g_free(file);
	return has;
}

void store_rewrite(struct instance *store, int64_t now_ms)
{
	struct aof_status status;

	aof_schedule_rewrite(store->aof);
	do {
		aof_rewrite_tick(store->aof, now_ms, now_ms);
		aof_tick(store->aof, now_ms);
		aof_get_status(store->aof, &status);
		g_thread_yield(); /* to the thread that is waited for */
	} while (status.rewriting || status.rewrite_scheduled);
}

void store_finish_rewrite(struct instance *store)
{
	struct aof_status status;

	do {
		aof_rewrite_tick(store->aof, 1000, 1000);
		aof_get_status(store->aof, &status);
		g_thread_yield(); /* to the thread that is waited for */
	} while (status.rewriting || status.rewrite_scheduled);
}

void store_await_sync(struct instance *store)
{
	struct aof_status status;

	do {
		aof_get_status(store->aof, &status);
		g_thread_yield();
	} while (status.syncing);
}

void store_log_much(struct instance *store)
{
	char *value = g_strnfill(STORE_MIB, 'v');

	for (int i = 0; i < 33; i++) {
		char *request = g_strdup_printf("SET k%d %s", i, value);

		store_run(store, request, 1);
		g_assert_cmpint(aof_commit(store->aof), ==, 0);
		g_free(request);
	}
	g_free(value);
}
