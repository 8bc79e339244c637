/* SPDX-License-Identifier: MIT */
/*
 * What a Redis has left is taken over whole, or not at all and with a reason; and a process that dies
 * at any call to the disk leaves what the next start makes the same of.
 */
#include "harness.h"
#include "persistence.h"
#include "redis-lite/rdb-bytes.h"
#include "redis-lite/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIED 99

int __real_renameat(int olddir, const char *from, int newdir, const char *to);
ssize_t __real_write(int fd, const void *buf, size_t len);
int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_renameat(int olddir, const char *from, int newdir, const char *to);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);

/* The calls to the disk: which one fails, or is the last, and what is not on the disk yet. */
static struct {
	atomic_int left; /* 0: none does */
	int error;	 /* 0: the process dies before it */
	atomic_bool file_is_new, folder_is_new;
} disk;

static bool fails(void)
{
	if (atomic_load(&disk.left) == 0 || atomic_fetch_sub(&disk.left, 1) != 1) {
		return false;
	}
	if (disk.error == 0) {
		_exit(DIED);
	}
	errno = disk.error;
	return true;
}

/* Whatever gets another name is on the disk before, and so is the name before. */
int __wrap_renameat(int olddir, const char *from, int newdir, const char *to)
{
	if (fails()) {
		return -1;
	}
	g_assert_false(atomic_load(&disk.file_is_new));
	g_assert_false(atomic_load(&disk.folder_is_new));
	atomic_store(&disk.folder_is_new, true);
	return __real_renameat(olddir, from, newdir, to);
}

ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	if (fails()) {
		return -1;
	}
	atomic_store(&disk.file_is_new, true);
	return __real_write(fd, buf, len);
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
	return fails() ? -1 : __real_unlinkat(dir, name, flags);
}

static int sync_fd(int fd)
{
	struct stat st;

	if (fails()) {
		return -1;
	}
	g_assert_cmpint(fstat(fd, &st), ==, 0);
	atomic_store(S_ISDIR(st.st_mode) ? &disk.folder_is_new : &disk.file_is_new, false);
	return 0;
}

int __wrap_fsync(int fd)
{
	return sync_fd(fd);
}

int __wrap_fdatasync(int fd)
{
	return sync_fd(fd);
}

/* Writes it; frees it, too. */
static void put(const char *dir, const char *name, GString *data)
{
	store_put(dir, name, data->str, data->len);
	g_string_free(data, TRUE);
}

static void put_text(const char *dir, const char *name, const char *text)
{
	store_put(dir, name, text, strlen(text));
}

static void make_folder(const char *dir, const char *name)
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

#define DUMPED	"0 base=v@0\n0 n=1@0\n0 past=v@1000\n0 timed=v@9000000000000\n7 seven=v@0"
#define INCR	"*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n"
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
	put_text(dir, paths[0], "*1\r\n$8\r\nFLUSHALL\r\n");
	put(dir, paths[1], dump());
	put_text(dir, paths[2], "#TS:1700000000\r\n" SELECT3 INCR INCR);
	put_text(dir, paths[3], INCR "*1\r\n$5\r\nMULTI\r\n" INCR);
	put_text(dir, paths[4], manifest);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_free(paths[i]);
	}
}

#define FOLDER_HAS                                                               \
	"0 base=v@0\n0 n=2@0\n0 past=v@1000\n0 timed=v@9000000000000\n3 n=2@0\n" \
	"7 seven=v@0"

static void leave_folder(const char *dir)
{
	make_folder(dir, "appendonlydir");
	put_folder(dir, "appendonlydir/");
}

static void leave_bare_manifest(const char *dir)
{
	put_folder(dir, "");
}

static void leave_dump(const char *dir)
{
	put(dir, "dump.rdb", dump());
}

/* As a Redis 4 to 6 does with aof-use-rdb-preamble. */
static void leave_preamble(const char *dir)
{
	GString *file = dump();

	g_string_append(file, SELECT3 INCR INCR "*2\r\n$4\r\nIN");
	put(dir, "file", file);
}

static const struct {
	void (*leave)(const char *dir);
	const char *name, *has;
} leavings[] = {
	{ leave_folder, "appendonlydir", FOLDER_HAS },
	{ leave_bare_manifest, "f.manifest", FOLDER_HAS },
	{ leave_dump, "dump.rdb", DUMPED },
	{ leave_preamble, "file",
	  "0 base=v@0\n0 n=1@0\n0 past=v@1000\n0 timed=v@9000000000000\n3 n=2@0\n7 seven=v@0" },
};

static void expect_contents(const char *dir, const char *has)
{
	struct instance *store = store_create(dir);
	char *contents;

	if (store_open(store) < 0) {
		harness_fail("%s", store_error);
	}
	g_assert_false(atomic_load(&disk.folder_is_new));
	contents = store_contents(store);
	g_assert_cmpstr(contents, ==, has);
	g_free(contents);
	store_destroy(store);
}

/* All of it is in our file, and theirs is out of the way. */
static void expect_imported(const char *dir, size_t i)
{
	char *imported = g_strconcat(leavings[i].name, ".imported-1", NULL);

	expect_contents(dir, leavings[i].has);
	g_assert_true(store_has(dir, imported));
	g_assert_true(strcmp(leavings[i].name, "file") == 0 || !store_has(dir, leavings[i].name));
	g_assert_false(store_has(dir, "file.import"));
	g_assert_false(store_has(dir, "file.rewrite"));
	expect_contents(dir, leavings[i].has);
	g_free(imported);
}

static void what_a_redis_has_left_is_loaded_once(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(leavings); i++) {
		char *dir = harness_make_dir(), *text;

		leavings[i].leave(dir);
		expect_imported(dir, i);
		text = g_strdup_printf("keys from %s, which is called %s.imported-1 from now on",
				       leavings[i].name, leavings[i].name);
		g_assert_nonnull(strstr(store_log->str, text));
		g_free(text);
		harness_remove_dir(dir);
	}
}

/* So that nothing is lost that somebody would look for. */
static void a_second_one_gets_a_name_of_its_own(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);

	leave_dump(dir);
	expect_contents(dir, DUMPED);
	g_assert_cmpint(unlink(file), ==, 0);
	leave_dump(dir);
	expect_contents(dir, DUMPED);
	g_assert_true(store_has(dir, "dump.rdb.imported-1"));
	g_assert_true(store_has(dir, "dump.rdb.imported-2"));
	g_free(file);
	harness_remove_dir(dir);
}

/* Opens the folder in a process that dies before the nth call; returns whether there was one. */
static bool die_at(const char *dir, int nth)
{
	pid_t pid = fork();
	int status;

	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		disk.error = 0;
		atomic_store(&disk.left, nth);
		_exit(store_open(store_create(dir)) < 0);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != DIED) {
		g_assert_cmpint(WEXITSTATUS(status), ==, 0);
	}
	return WEXITSTATUS(status) == DIED;
}

static void whoever_dies_at_any_call_leaves_it_to_the_next_start(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(leavings); i++) {
		bool died = true;
		int nth;

		for (nth = 1; died; nth++) {
			for (int again = 0; again < 12;
			     again += g_getenv("REDIS_LITE_ROUNDS") ? 1 : 4) {
				char *dir = harness_make_dir();

				leavings[i].leave(dir);
				died = die_at(dir, nth);
				if (again > 0) {
					die_at(dir, again);
				}
				expect_imported(dir, i);
				harness_remove_dir(dir);
			}
		}
		g_assert_cmpint(nth, >, 8);
	}
}

/* Theirs is still there, or ours is complete; and an error says what it was. */
static void a_call_that_fails_is_told_and_loses_nothing(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(leavings); i++) {
		int nth, failed = 0;

		for (nth = 1; atomic_load(&disk.left) == 0; nth++) {
			char *dir = harness_make_dir();
			struct instance *store = store_create(dir);

			leavings[i].leave(dir);
			disk.error = ENOSPC;
			atomic_store(&disk.left, nth);
			if (store_open(store) < 0) {
				g_assert_nonnull(strstr(store_error, "No space left on device"));
				failed++;
			}
			store_destroy(store);
			if (atomic_load(&disk.left) == 0) {
				atomic_store(&disk.file_is_new, false);
				atomic_store(&disk.folder_is_new, false);
				expect_imported(dir, i);
			}
			harness_remove_dir(dir);
		}
		g_assert_cmpint(failed, >, 6);
		atomic_store(&disk.left, 0);
	}
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

#define RECORD	  "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
#define EMPTY_RDB "REDIS0004\xff"
#define BASE	  "file b seq 1 type b\n"
#define INCR1	  "file i seq 1 type i\n"

struct left {
	const char *name, *text; /* a folder without a text */
};

static void leave(const char *dir, const struct left *left, size_t count)
{
	for (size_t i = 0; i < count && left[i].name; i++) {
		if (left[i].text) {
			put_text(dir, left[i].name, left[i].text);
		} else {
			make_folder(dir, left[i].name);
		}
	}
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
	make_folder(dir, name);
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
		{ put_text, "appendonlydir", "", "appendonlydir is no folder" },
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

		make_folder(dir, "appendonlydir");
		folder = g_build_filename(dir, "appendonlydir", NULL);
		cases[i].make(folder, cases[i].name, cases[i].text);
		if (strcmp(cases[i].name, "b") == 0) {
			put_text(folder, "m.manifest", BASE);
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
	put_text(dir, "backup", EMPTY_RDB);
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
		struct left left[5];
		const char *error;
	} cases[] = {
		{ { { "file", RECORD },
		    { "appendonlydir", NULL },
		    { "appendonlydir/m.manifest", BASE } },
		  "appendonlydir and file are both there: move the one that is not to be loaded "
		  "out of "
		  "dir" },
		{ { { "file", RECORD }, { "dump.rdb", EMPTY_RDB } }, "dump.rdb and file are both" },
		{ { { "file", EMPTY_RDB }, { "dump.rdb", EMPTY_RDB } }, " are both there" },
		{ { { "dump.rdb", EMPTY_RDB },
		    { "appendonlydir", NULL },
		    { "appendonlydir/m.manifest", BASE } },
		  " are both there" },
		{ { { "a.manifest", BASE }, { "b.manifest", BASE } }, " are both there" },
		{ { { "file", RECORD }, { "file.import", RECORD } },
		  "file.import and file are both" },
		{ { { "old.rdb", "" } },
		  "old.rdb looks like a dump of a Redis: call it dump.rdb to load it, or move it "
		  "out of "
		  "dir" },
		{ { { "file", RECORD }, { "backup", EMPTY_RDB } }, "backup looks like a dump of" },
		{ { { "old.aof", RECORD } },
		  "old.aof looks like a file of a Redis: set appendfilename to load it, or move "
		  "it" },
		{ { { "old.aof", RECORD }, { "dump.rdb", EMPTY_RDB } },
		  "old.aof looks like a file" },
		{ { { "aofs", NULL }, { "aofs/a.manifest", BASE } },
		  "aofs looks like a folder of a Redis's: call it appendonlydir to load it" },
		{ { { "appendonlydir", NULL }, { "appendonlydir/b.1.base.rdb", EMPTY_RDB } },
		  "appendonlydir has b.1.base.rdb, but no manifest that says what is to be "
		  "loaded" },
		{ { { "appendonlydir", NULL },
		    { "appendonlydir/a.manifest", BASE },
		    { "appendonlydir/b.manifest", BASE } },
		  "appendonlydir has 2 manifests" },
		{ { { "appendonlydir", NULL }, { "appendonlydir/a.manifest", "file b seq 1\n" } },
		  "appendonlydir/a.manifest: damaged in line 1: it must be" },
		{ { { "a.manifest", "file b seq 1\n" } },
		  "a.manifest: damaged in line 1: it must be" },
		{ { { "file", RECORD }, { "a.manifest", "file file seq 1 type b\n" } },
		  "file is one of the files in a.manifest: set another appendfilename" },
		{ { { "appendonlydir", NULL }, { "appendonlydir/a.manifest", BASE } },
		  "cannot open appendonlydir/b: No such file or directory" },
		{ { { "appendonlydir", NULL },
		    { "appendonlydir/a.manifest", BASE },
		    { "appendonlydir/b", NULL } },
		  "appendonlydir/b is no regular file" },
		{ { { "a.manifest", BASE INCR1 }, { "b", RECORD "*3\r\n" }, { "i", RECORD } },
		  "b: ends in an incomplete record of 4 bytes at offset 27, and another file goes "
		  "on" },
		{ { { "a.manifest", BASE INCR1 },
		    { "b", "*1\r\n$5\r\nMULTI\r\n" },
		    { "i", RECORD } },
		  "b: ends in an incomplete record of 15 bytes at offset 0, and another file goes "
		  "on" },
		{ { { "a.manifest", BASE INCR1 }, { "b", "REDIS0010\xfe" }, { "i", RECORD } },
		  "b: at offset 9 of 10: damaged: the file ends too early" },
		{ { { "a.manifest", BASE INCR1 }, { "b", RECORD }, { "i", "*abc" } },
		  "i: damaged at offset 0 of 4: no request" },
		{ { { "a.manifest", BASE },
		    { "b", RECORD "*3\r\n$5\r\nRPUSH\r\n$1\r\nl\r\n$1\r\nv\r\n" } },
		  "b: refused at offset 27 of 56: ERR unknown command 'RPUSH', with args beginning "
		  "with: "
		  "'l' 'v'" },
		{ { { "dump.rdb", "REDIS0004\x01\x04list\x01\x01v\xff" } },
		  "dump.rdb: at offset 9 of 19: the key 'list' is a list; only strings are "
		  "served" },
		{ { { "dump.rdb", EMPTY_RDB RECORD } },
		  "dump.rdb: damaged: 27 bytes behind its end, at offset 10" },
		{ { { "dump.rdb", "" } },
		  "dump.rdb: at offset 0 of 0: damaged: the file ends too" },
		{ { { "dump.rdb", RECORD } }, "damaged: it does not begin with REDIS" },
		{ { { "file", "REDIS0004\x02\x03set\x01\x01v\xff" } }, "the key 'set' is a set" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *dir = harness_make_dir(), *before, *after;
		struct instance *store = store_create(dir);

		leave(dir, cases[i].left, G_N_ELEMENTS(cases[i].left));
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

/* In theirs, too, and it stays where it is. */
static void a_damaged_end_is_left_out_up_to_what_may_be_lost(void)
{
	char *dir = harness_make_dir(), *contents, *kept;
	struct instance *store;
	size_t len;

	put_text(dir, "a.manifest", BASE INCR1);
	put_text(dir, "b", RECORD);
	put_text(dir, "i", INCR "*abc");
	store = store_create(dir);
	store->settings.aof.load_corrupt_tail_max_size = 3;
	g_assert_cmpint(store_open(store), ==, -EBADMSG);
	g_assert_nonnull(strstr(store_error, "i: damaged at offset 21 of 25: no request: "));
	store_destroy(store);
	store = store_create(dir);
	store->settings.aof.load_corrupt_tail_max_size = 4;
	g_assert_cmpint(store_open(store), ==, 0);
	g_assert_nonnull(strstr(store_log->str, "i: a damaged end of 4 bytes at offset 21 is not"));
	contents = store_contents(store);
	g_assert_cmpstr(contents, ==, "0 a=1@0\n0 n=1@0");
	kept = store_get(dir, "i", &len);
	g_assert_cmpmem(kept, len, INCR "*abc", 25);
	g_free(kept);
	g_free(contents);
	store_destroy(store);
	harness_remove_dir(dir);
}

static void keys_that_cannot_be_are_refused(void)
{
	GString *far = rdb_begin(10), *twice = rdb_begin(10);
	struct instance *store;
	char *dir = harness_make_dir();

	rdb_put_byte(far, 254);
	rdb_put_length(far, 16);
	rdb_put_pair(far, "k", "v");
	rdb_end(far);
	put(dir, "dump.rdb", far);
	store = store_create(dir);
	g_assert_cmpint(store_open(store), <, 0);
	g_assert_nonnull(strstr(store_error, "the key 'k' is in database 16; the last one is 15"));
	store_destroy(store);

	rdb_put_pair(twice, "k", "v");
	rdb_put_pair(twice, "k", "v");
	rdb_end(twice);
	put(dir, "dump.rdb", twice);
	store = store_create(dir);
	g_assert_cmpint(store_open(store), <, 0);
	g_assert_nonnull(strstr(store_error, "the key 'k' is there twice in database 0"));
	store_destroy(store);
	harness_remove_dir(dir);
}

static void what_is_no_data_stops_no_start(void)
{
	static const struct {
		struct left left[5];
		const char *has, *told;
	} cases[] = {
		{ { { "appendonlydir", NULL } }, "", "" },
		{ { { "file", "" },
		    { "appendonlydir", NULL },
		    { "appendonlydir/a.manifest", BASE },
		    { "appendonlydir/b", RECORD } },
		  "0 a=1@0",
		  "imported 1 keys" },
		{ { { "file", RECORD }, { "other.aof", RECORD } },
		  "0 a=1@0",
		  "other.aof beside it is not read" },
		{ { { "file", "" }, { "aofs", NULL }, { "aofs/a.manifest", BASE } },
		  "",
		  "aofs beside it is not read" },
		{ { { "other.aof", "" }, { "notes.txt", "REDI" }, { "x", NULL } }, "", "" },
		{ { { "dump.rdb.imported-1", EMPTY_RDB },
		    { "x.imported-1.imported-2", EMPTY_RDB },
		    { "appendonlydir.imported-2", NULL } },
		  "",
		  "" },
		{ { { "a.manifest.imported-1", BASE INCR1 "file d.rdb seq 2 type i\n" },
		    { "b", EMPTY_RDB },
		    { "i", RECORD },
		    { "d.rdb", EMPTY_RDB } },
		  "",
		  "" },
		{ { { "file", RECORD }, { "file.rewrite", "*3\r\n" }, { "file.cut-1", EMPTY_RDB } },
		  "0 a=1@0",
		  "removed a rewrite that was not finished" },
		{ { { "file.import", RECORD } }, "0 a=1@0", "finished an import that had been" },
		{ { { "file", "" }, { "file.import", RECORD } }, "0 a=1@0", "finished an import" },
		{ { { "file.import", "*3\r\n" }, { "dump.rdb", EMPTY_RDB } },
		  "",
		  "imported 0 keys" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *dir = harness_make_dir();

		leave(dir, cases[i].left, G_N_ELEMENTS(cases[i].left));
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
	put_text(dir, "file", "");
	expect_no(dir, NULL);
	put_text(dir, "file", RECORD);
	expect_no(dir, "file");
	g_free(missing);
	harness_remove_dir(dir);
	for (size_t i = 0; i < G_N_ELEMENTS(leavings); i++) {
		dir = harness_make_dir();
		leavings[i].leave(dir);
		expect_no(dir, leavings[i].name);
		harness_remove_dir(dir);
	}
}

static void two_processes_do_not_import_the_same(void)
{
	char *dir = harness_make_dir();
	struct instance *first = store_create(dir), *second = store_create(dir);

	leave_dump(dir);
	g_assert_cmpint(store_open(first), ==, 0);
	g_assert_cmpint(store_open(second), <, 0);
	g_assert_nonnull(strstr(store_error, "another process has it open"));
	store_destroy(second);
	store_destroy(first);
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/import");
	harness_add("/what-a-redis-has-left-is-loaded-once", what_a_redis_has_left_is_loaded_once);
	harness_add("/a-second-one-gets-a-name-of-its-own", a_second_one_gets_a_name_of_its_own);
	harness_add_slow("/whoever-dies-at-any-call-leaves-it-to-the-next-start",
			 whoever_dies_at_any_call_leaves_it_to_the_next_start, 120);
	harness_add_slow("/a-call-that-fails-is-told-and-loses-nothing",
			 a_call_that_fails_is_told_and_loses_nothing, 60);
	harness_add("/what-cannot-be-loaded-is-refused-and-left-alone",
		    what_cannot_be_loaded_is_refused_and_left_alone);
	harness_add("/what-has-a-name-of-data-and-holds-none-stops-the-start",
		    what_has_a_name_of_data_and_holds_none_stops_the_start);
	harness_add("/what-is-no-regular-file-is-called-so", what_is_no_regular_file_is_called_so);
	harness_add("/what-cannot-be-looked-at-is-named", what_cannot_be_looked_at_is_named);
	harness_add("/a-damaged-end-is-left-out-up-to-what-may-be-lost",
		    a_damaged_end_is_left_out_up_to_what_may_be_lost);
	harness_add("/keys-that-cannot-be-are-refused", keys_that_cannot_be_are_refused);
	harness_add("/what-is-no-data-stops-no-start", what_is_no_data_stops_no_start);
	harness_add("/without-a-file-nothing-may-be-there-to-be-loaded",
		    without_a_file_nothing_may_be_there_to_be_loaded);
	harness_add("/two-processes-do-not-import-the-same", two_processes_do_not_import_the_same);
	return harness_run();
}
