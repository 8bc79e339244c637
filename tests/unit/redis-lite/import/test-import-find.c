/* SPDX-License-Identifier: MIT */
/*
 * What is found in the folder before it is loaded: what cannot be, is no choice, or is not what its
 * name says, stops the start.
 */
#include "harness.h"
#include "persistence.h"
#include "redis-lite/redis-data.h"
#include "redis-lite/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_contents(const char *dir, const char *has)
{
	struct instance *store = store_create(dir);
	char *contents;

	if (store_open(store) < 0) {
		harness_fail("%s", store_error);
	}
	contents = store_contents(store);
	g_assert_cmpstr(contents, ==, has);
	g_free(contents);
	store_destroy(store);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is in the folder. */
static char *listing(const char *dir)
{
	GDir *folder = g_dir_open(dir, 0, NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *name;
	char *text;

	while ((name = g_dir_read_name(folder))) {
		g_ptr_array_add(names, g_strdup(name));
	}
	g_dir_close(folder);
	g_ptr_array_sort(names, compare_names);
	g_ptr_array_add(names, NULL);
	text = g_strjoinv(" ", (char **)names->pdata);
	g_ptr_array_free(names, TRUE);
	return text;
}

#define NOWHERE "/nowhere/volume"

static void make_link(const char *dir, const char *name, const char *to)
{
	char *path = g_build_filename(dir, name, NULL);

	g_assert_cmpint(symlink(to, path), ==, 0);
	g_free(path);
}

static void make_fifo(const char *dir, const char *name, const char *text)
{
	char *path = g_build_filename(dir, name, NULL);

	(void)text;
	g_assert_cmpint(mkfifo(path, 0600), ==, 0);
	g_free(path);
}

static void make_text_folder(const char *dir, const char *name, const char *text)
{
	(void)text;
	redis_make_folder(dir, name);
}

/* With appendonly = yes and no, in a folder that has nothing else. */
static void what_has_a_name_of_data_and_holds_none_stops_the_start(void)
{
	static const struct {
		void (*make)(const char *dir, const char *name, const char *text);
		const char *name, *text, *error;
	} cases[] = {
		{ make_link, "dump.rdb", NOWHERE,
		  "dump.rdb is a symbolic link to nothing: set it right, or move it out of dir" },
		{ make_link, "dump.rdb", "dump.rdb", "dump.rdb is a symbolic link to nothing" },
		{ make_link, "dump.rdb", "/dev/null/dump.rdb", "is a symbolic link to nothing" },
		{ make_link, "my.rdb", NOWHERE, "my.rdb is a symbolic link to nothing" },
		{ make_link, "appendonlydir", NOWHERE, "appendonlydir is a symbolic link to" },
		{ make_link, "a.manifest", NOWHERE, "a.manifest is a symbolic link to nothing" },
		{ make_link, "file", NOWHERE, "file is a symbolic link to nothing" },
		{ make_link, "file", "elsewhere", "file is a symbolic link to nothing" },
		{ make_link, "old.aof", NOWHERE, "old.aof " },
		{ make_link, "dump.rdb", "/dev/zero", "dump.rdb is no regular file" },
		{ make_fifo, "dump.rdb", NULL, "dump.rdb is no regular file" },
		{ make_fifo, "a.manifest", NULL, "a.manifest is no regular file" },
		{ make_fifo, "appendonlydir", NULL, "appendonlydir is no folder" },
		{ make_fifo, "file", NULL, "file is no regular file" },
		{ make_text_folder, "dump.rdb", NULL, "dump.rdb is no regular file" },
		{ make_text_folder, "file", NULL, "file is no regular file" },
		{ redis_put_text, "appendonlydir", "", "appendonlydir is no folder" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *dir = harness_make_dir();

		cases[i].make(dir, cases[i].name, cases[i].text);
		for (int appendonly = 0; appendonly < 2; appendonly++) {
			struct instance *store = store_create(dir);
			int r;

			store_error[0] = '\0';
			r = appendonly ? store_open(store) : persistence_refuse(store, store_error);
			if (r >= 0 || !strstr(store_error, cases[i].error)) {
				harness_fail("expected \"%s\"; got %d, \"%s\"", cases[i].error, r,
					     store_error);
			}
			store_destroy(store);
		}
		harness_remove_dir(dir);
	}
}

/* In appendonlydir: the manifest "m.manifest", or the file "b" that it names. */
static void what_is_no_regular_file_is_called_so(void)
{
	static const struct {
		void (*make)(const char *dir, const char *name, const char *text);
		const char *name, *text, *error;
	} cases[] = {
		{ make_fifo, "b", NULL, "appendonlydir/b is no regular file" },
		{ make_text_folder, "b", NULL, "appendonlydir/b is no regular file" },
		{ make_link, "b", "/dev/zero", "appendonlydir/b is no regular file" },
		{ make_fifo, "m.manifest", NULL, "appendonlydir/m.manifest: is no regular file" },
		{ make_link, "m.manifest", "/dev/zero", "m.manifest: is no regular file" },
		{ make_text_folder, "m.manifest", NULL, "m.manifest: is no regular file" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *dir = harness_make_dir(), *folder;
		struct instance *store = store_create(dir);
		int r;

		redis_make_folder(dir, "appendonlydir");
		folder = g_build_filename(dir, "appendonlydir", NULL);
		cases[i].make(folder, cases[i].name, cases[i].text);
		if (strcmp(cases[i].name, "b") == 0) {
			redis_put_text(folder, "m.manifest", REDIS_BASE);
		}
		r = store_open(store);
		if (r >= 0 || !strstr(store_error, cases[i].error)) {
			harness_fail("expected \"%s\"; got %d, \"%s\"", cases[i].error, r,
				     store_error);
		}
		store_destroy(store);
		g_free(folder);
		harness_remove_dir(dir);
	}
}

#define NOBODY 65534

/* It may be anything: it is named, and stops no start. */
static void what_cannot_be_looked_at_is_named(void)
{
	char *dir = harness_make_dir(), *path = g_build_filename(dir, "backup", NULL);
	bool is_root = geteuid() == 0;

	make_link(dir, "elsewhere", NOWHERE);
	redis_put_text(dir, "backup", REDIS_EMPTY_RDB);
	g_assert_cmpint(chmod(path, 0), ==, 0);
	if (is_root) { /* who reads everything */
		g_assert_cmpint(chown(dir, NOBODY, NOBODY), ==, 0);
		g_assert_cmpint(seteuid(NOBODY), ==, 0);
	}
	expect_contents(dir, "");
	if (is_root) {
		g_assert_cmpint(seteuid(0), ==, 0);
	}
	g_assert_nonnull(strstr(store_log->str,
				"whether elsewhere in dir is data of a Redis is not known: it is a "
				"symbolic link to nothing"));
	g_assert_nonnull(
		strstr(store_log->str,
		       "whether backup in dir is data of a Redis is not known: it cannot be "
		       "read: Permission denied"));
	g_string_truncate(store_log, 0);
	g_free(path);
	harness_remove_dir(dir);
}

static void what_cannot_be_loaded_is_refused_and_left_alone(void)
{
	static const struct {
		struct redis_file files[5];
		const char *error;
	} cases[] = {
		{ { { "file", REDIS_RECORD },
		    { "appendonlydir", NULL },
		    { "appendonlydir/m.manifest", REDIS_BASE } },
		  "appendonlydir and file are both there: move the one that is not to be loaded "
		  "out of "
		  "dir" },
		{ { { "file", REDIS_RECORD }, { "dump.rdb", REDIS_EMPTY_RDB } },
		  "dump.rdb and file are both" },
		{ { { "file", REDIS_EMPTY_RDB }, { "dump.rdb", REDIS_EMPTY_RDB } },
		  " are both there" },
		{ { { "dump.rdb", REDIS_EMPTY_RDB },
		    { "appendonlydir", NULL },
		    { "appendonlydir/m.manifest", REDIS_BASE } },
		  " are both there" },
		{ { { "a.manifest", REDIS_BASE }, { "b.manifest", REDIS_BASE } },
		  " are both there" },
		{ { { "file", REDIS_RECORD }, { "file.import", REDIS_RECORD } },
		  "file.import and file are both" },
		{ { { "old.rdb", "" } },
		  "old.rdb looks like a dump of a Redis: call it dump.rdb to load it, or move it "
		  "out of "
		  "dir" },
		{ { { "file", REDIS_RECORD }, { "backup", REDIS_EMPTY_RDB } },
		  "backup looks like a dump of" },
		{ { { "old.aof", REDIS_RECORD } },
		  "old.aof looks like a file of a Redis: set appendfilename to load it, or move "
		  "it" },
		{ { { "old.aof", REDIS_RECORD }, { "dump.rdb", REDIS_EMPTY_RDB } },
		  "old.aof looks like a file" },
		{ { { "aofs", NULL }, { "aofs/a.manifest", REDIS_BASE } },
		  "aofs looks like a folder of a Redis's: call it appendonlydir to load it" },
		{ { { "appendonlydir", NULL }, { "appendonlydir/b.1.base.rdb", REDIS_EMPTY_RDB } },
		  "appendonlydir has b.1.base.rdb, but no manifest that says what is to be "
		  "loaded" },
		{ { { "appendonlydir", NULL },
		    { "appendonlydir/a.manifest", REDIS_BASE },
		    { "appendonlydir/b.manifest", REDIS_BASE } },
		  "appendonlydir has 2 manifests" },
		{ { { "appendonlydir", NULL }, { "appendonlydir/a.manifest", "file b seq 1\n" } },
		  "appendonlydir/a.manifest: damaged in line 1: it must be" },
		{ { { "a.manifest", "file b seq 1\n" } },
		  "a.manifest: damaged in line 1: it must be" },
		{ { { "file", REDIS_RECORD }, { "a.manifest", "file file seq 1 type b\n" } },
		  "file is one of the files in a.manifest: set another appendfilename" },
		{ { { "appendonlydir", NULL }, { "appendonlydir/a.manifest", REDIS_BASE } },
		  "cannot open appendonlydir/b: No such file or directory" },
		{ { { "appendonlydir", NULL },
		    { "appendonlydir/a.manifest", REDIS_BASE },
		    { "appendonlydir/b", NULL } },
		  "appendonlydir/b is no regular file" },
		{ { { "a.manifest", REDIS_BASE REDIS_INCR1 },
		    { "b", REDIS_RECORD "*3\r\n" },
		    { "i", REDIS_RECORD } },
		  "b: ends in an incomplete record of 4 bytes at offset 27, and another file goes "
		  "on" },
		{ { { "a.manifest", REDIS_BASE REDIS_INCR1 },
		    { "b", "*1\r\n$5\r\nMULTI\r\n" },
		    { "i", REDIS_RECORD } },
		  "b: ends in an incomplete record of 15 bytes at offset 0, and another file goes "
		  "on" },
		{ { { "a.manifest", REDIS_BASE REDIS_INCR1 },
		    { "b", "REDIS0010\xfe" },
		    { "i", REDIS_RECORD } },
		  "b: at offset 9 of 10: damaged: the file ends too early" },
		{ { { "a.manifest", REDIS_BASE REDIS_INCR1 },
		    { "b", REDIS_RECORD },
		    { "i", "*abc" } },
		  "i: damaged at offset 0 of 4: no request" },
		{ { { "a.manifest", REDIS_BASE },
		    { "b", REDIS_RECORD "*3\r\n$5\r\nRPUSH\r\n$1\r\nl\r\n$1\r\nv\r\n" } },
		  "b: refused at offset 27 of 56: ERR unknown command 'RPUSH', with args beginning "
		  "with: "
		  "'l' 'v'" },
		{ { { "dump.rdb", "REDIS0004\x01\x04list\x01\x01v\xff" } },
		  "dump.rdb: at offset 9 of 19: the key 'list' is a list; only strings are "
		  "served" },
		{ { { "dump.rdb", REDIS_EMPTY_RDB REDIS_RECORD } },
		  "dump.rdb: damaged: 27 bytes behind its end, at offset 10" },
		{ { { "dump.rdb", "" } },
		  "dump.rdb: at offset 0 of 0: damaged: the file ends too" },
		{ { { "dump.rdb", REDIS_RECORD } }, "damaged: it does not begin with REDIS" },
		{ { { "file", "REDIS0004\x02\x03set\x01\x01v\xff" } }, "the key 'set' is a set" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *dir = harness_make_dir(), *before, *after;
		struct instance *store = store_create(dir);

		redis_put_files(dir, cases[i].files, G_N_ELEMENTS(cases[i].files));
		before = listing(dir);
		store_error[0] = '\0';
		int r = store_open(store);
		if (r >= 0 || !strstr(store_error, cases[i].error)) {
			harness_fail("expected \"%s\"; got %d, \"%s\"", cases[i].error, r,
				     store_error);
		}
		after = listing(dir);
		g_assert_cmpstr(after, ==, before);
		store_destroy(store);
		g_free(after);
		g_free(before);
		harness_remove_dir(dir);
	}
}

static void what_is_no_data_stops_no_start(void)
{
	static const struct {
		struct redis_file files[5];
		const char *has, *told;
	} cases[] = {
		{ { { "appendonlydir", NULL } }, "", "" },
		{ { { "file", "" },
		    { "appendonlydir", NULL },
		    { "appendonlydir/a.manifest", REDIS_BASE },
		    { "appendonlydir/b", REDIS_RECORD } },
		  "0 a=1@0",
		  "imported 1 keys" },
		{ { { "file", REDIS_RECORD }, { "other.aof", REDIS_RECORD } },
		  "0 a=1@0",
		  "other.aof beside it is not read" },
		{ { { "file", "" }, { "aofs", NULL }, { "aofs/a.manifest", REDIS_BASE } },
		  "",
		  "aofs beside it is not read" },
		{ { { "other.aof", "" }, { "notes.txt", "REDI" }, { "x", NULL } }, "", "" },
		{ { { "dump.rdb.imported-1", REDIS_EMPTY_RDB },
		    { "x.imported-1.imported-2", REDIS_EMPTY_RDB },
		    { "appendonlydir.imported-2", NULL } },
		  "",
		  "" },
		{ { { "a.manifest.imported-1", REDIS_BASE REDIS_INCR1 "file d.rdb seq 2 type i\n" },
		    { "b", REDIS_EMPTY_RDB },
		    { "i", REDIS_RECORD },
		    { "d.rdb", REDIS_EMPTY_RDB } },
		  "",
		  "" },
		{ { { "file", REDIS_RECORD },
		    { "file.rewrite", "*3\r\n" },
		    { "file.cut-1", REDIS_EMPTY_RDB } },
		  "0 a=1@0",
		  "removed a rewrite that was not finished" },
		{ { { "file.import", REDIS_RECORD } },
		  "0 a=1@0",
		  "finished an import that had been" },
		{ { { "file", "" }, { "file.import", REDIS_RECORD } },
		  "0 a=1@0",
		  "finished an import" },
		{ { { "file.import", "*3\r\n" }, { "dump.rdb", REDIS_EMPTY_RDB } },
		  "",
		  "imported 0 keys" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *dir = harness_make_dir();

		redis_put_files(dir, cases[i].files, G_N_ELEMENTS(cases[i].files));
		expect_contents(dir, cases[i].has);
		g_assert_nonnull(strstr(store_log->str, cases[i].told));
		g_assert_true(cases[i].told[0] || store_log->len == 0);
		g_string_truncate(store_log, 0);
		expect_contents(dir, cases[i].has);
		g_string_truncate(store_log, 0);
		harness_remove_dir(dir);
	}
}

static void expect_no(const char *dir, const char *name)
{
	struct instance *store = store_create(dir);
	char *text = g_strdup_printf("%s in dir is not loaded with appendonly = no: set that to "
				     "yes, or leave dir out",
				     name ? name : "");
	int r = persistence_refuse(store, store_error);

	if (name ? r >= 0 || strcmp(store_error, text) != 0 : r != 0) {
		harness_fail("expected \"%s\"; got %d, \"%s\"", text, r, store_error);
	}
	store_destroy(store);
	g_free(text);
}

static void without_a_file_nothing_may_be_there_to_be_loaded(void)
{
	char *dir = harness_make_dir(), *missing = g_build_filename(dir, "missing", NULL);

	expect_no(NULL, NULL);
	expect_no(missing, NULL);
	expect_no(dir, NULL);
	redis_put_text(dir, "file", "");
	expect_no(dir, NULL);
	redis_put_text(dir, "file", REDIS_RECORD);
	expect_no(dir, "file");
	g_free(missing);
	harness_remove_dir(dir);
	for (size_t i = 0; i < REDIS_DATA_COUNT; i++) {
		dir = harness_make_dir();
		redis_data[i].leave(dir);
		expect_no(dir, redis_data[i].name);
		harness_remove_dir(dir);
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/import-find");
	harness_add("/what-cannot-be-loaded-is-refused-and-left-alone",
		    what_cannot_be_loaded_is_refused_and_left_alone);
	harness_add("/what-has-a-name-of-data-and-holds-none-stops-the-start",
		    what_has_a_name_of_data_and_holds_none_stops_the_start);
	harness_add("/what-is-no-regular-file-is-called-so", what_is_no_regular_file_is_called_so);
	harness_add("/what-cannot-be-looked-at-is-named", what_cannot_be_looked_at_is_named);
	harness_add("/what-is-no-data-stops-no-start", what_is_no_data_stops_no_start);
	harness_add("/without-a-file-nothing-may-be-there-to-be-loaded",
		    without_a_file_nothing_may_be_there_to_be_loaded);
	return harness_run();
}
