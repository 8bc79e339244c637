/* SPDX-License-Identifier: MIT */
#include "redis-lite/redis-data.h"
#include "harness.h"
#include "redis-lite/rdb-bytes.h"
#include "redis-lite/store.h"

#include <string.h>
#include <sys/stat.h>

void redis_put(const char *dir, const char *name, GString *data)
{
	store_put(dir, name, data->str, data->len);
	g_string_free(data, TRUE);
}

void redis_put_text(const char *dir, const char *name, const char *text)
{
	store_put(dir, name, text, strlen(text));
}

void redis_make_folder(const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	g_assert_cmpint(mkdir(path, 0700), ==, 0);
	g_free(path);
}

static GString *dump(void)
{
	GString *rdb = rdb_begin(10);

	rdb_put_byte(rdb, 254);
	rdb_put_length(rdb, 0);
	rdb_put_pair(rdb, "base", "v");
	rdb_put_pair(rdb, "n", "1");
	rdb_put_expiry(rdb, 9000000000000);
	rdb_put_pair(rdb, "timed", "v");
	rdb_put_expiry(rdb, 1000);
	rdb_put_pair(rdb, "past", "v");
	rdb_put_byte(rdb, 254);
	rdb_put_length(rdb, 7);
	rdb_put_pair(rdb, "seven", "v");
	rdb_end(rdb);
	return rdb;
}

#define SELECT3 "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"

/* The base, with two increments that count, one that does not, and the beginning of a transaction. */
static void put_folder(const char *dir, const char *prefix)
{
	static const char manifest[] = "file f.1.incr.aof seq 1 type h\n"
				       "file f.2.base.rdb seq 2 type b\n"
				       "file f.2.incr.aof seq 2 type i\n"
				       "file \"f.3.incr.aof\" seq 3 type i\n";
	static const char *const names[] = { "f.1.incr.aof", "f.2.base.rdb", "f.2.incr.aof",
					     "f.3.incr.aof", "f.manifest" };
	char *paths[G_N_ELEMENTS(names)];

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		paths[i] = g_strconcat(prefix, names[i], NULL);
	}
	redis_put_text(dir, paths[0], "*1\r\n$8\r\nFLUSHALL\r\n");
	redis_put(dir, paths[1], dump());
	redis_put_text(dir, paths[2], "#TS:1700000000\r\n" SELECT3 REDIS_INCR REDIS_INCR);
	redis_put_text(dir, paths[3], REDIS_INCR "*1\r\n$5\r\nMULTI\r\n" REDIS_INCR);
	redis_put_text(dir, paths[4], manifest);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_free(paths[i]);
	}
}

#define FOLDER_HAS                                                               \
	"0 base=v@0\n0 n=2@0\n0 past=v@1000\n0 timed=v@9000000000000\n3 n=2@0\n" \
	"7 seven=v@0"

static void leave_folder(const char *dir)
{
	redis_make_folder(dir, "appendonlydir");
	put_folder(dir, "appendonlydir/");
}

static void leave_bare_manifest(const char *dir)
{
	put_folder(dir, "");
}

void redis_leave_dump(const char *dir)
{
	redis_put(dir, "dump.rdb", dump());
}

/* As a Redis 4 to 6 does with aof-use-rdb-preamble. */
static void leave_preamble(const char *dir)
{
	GString *file = dump();

	g_string_append(file, SELECT3 REDIS_INCR REDIS_INCR "*2\r\n$4\r\nIN");
	redis_put(dir, "file", file);
}

void redis_put_files(const char *dir, const struct redis_file *files, size_t count)
{
	for (size_t i = 0; i < count && files[i].name; i++) {
		if (files[i].text) {
			redis_put_text(dir, files[i].name, files[i].text);
		} else {
			redis_make_folder(dir, files[i].name);
		}
	}
}

const struct redis_data redis_data[REDIS_DATA_COUNT] = {
	{ leave_folder, "appendonlydir", FOLDER_HAS },
	{ leave_bare_manifest, "f.manifest", FOLDER_HAS },
	{ redis_leave_dump, "dump.rdb", REDIS_DUMP_HAS },
	{ leave_preamble, "file",
	  "0 base=v@0\n0 n=1@0\n0 past=v@1000\n0 timed=v@9000000000000\n3 n=2@0\n7 seven=v@0" },
};
