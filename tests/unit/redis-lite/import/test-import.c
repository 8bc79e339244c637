/* SPDX-License-Identifier: MIT */
/*
 * What a Redis has left is taken over whole, or not at all and with a reason; and a process that dies
 * at any call to the disk leaves what the next start makes the same of.
 */
#include "harness.h"
#include "redis-lite/rdb-bytes.h"
#include "redis-lite/redis-data.h"
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
	char *imported = g_strconcat(redis_data[i].name, ".imported-1", NULL);

	expect_contents(dir, redis_data[i].has);
	g_assert_true(store_has(dir, imported));
	g_assert_true(strcmp(redis_data[i].name, "file") == 0 ||
		      !store_has(dir, redis_data[i].name));
	g_assert_false(store_has(dir, "file.import"));
	g_assert_false(store_has(dir, "file.rewrite"));
	expect_contents(dir, redis_data[i].has);
	g_free(imported);
}

static void what_a_redis_has_left_is_loaded_once(void)
{
	for (size_t i = 0; i < REDIS_DATA_COUNT; i++) {
		char *dir = harness_make_dir(), *text;

		redis_data[i].leave(dir);
		expect_imported(dir, i);
		text = g_strdup_printf("keys from %s, which is called %s.imported-1 from now on",
				       redis_data[i].name, redis_data[i].name);
		g_assert_nonnull(strstr(store_log->str, text));
		g_free(text);
		harness_remove_dir(dir);
	}
}

/* So that nothing is lost that somebody would look for. */
static void a_second_one_gets_a_name_of_its_own(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);

	redis_leave_dump(dir);
	expect_contents(dir, REDIS_DUMP_HAS);
	g_assert_cmpint(unlink(file), ==, 0);
	redis_leave_dump(dir);
	expect_contents(dir, REDIS_DUMP_HAS);
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
	for (size_t i = 0; i < REDIS_DATA_COUNT; i++) {
		bool died = true;
		int nth;

		for (nth = 1; died; nth++) {
			for (int again = 0; again < 12;
			     again += g_getenv("REDIS_LITE_ROUNDS") ? 1 : 4) {
				char *dir = harness_make_dir();

				redis_data[i].leave(dir);
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
	for (size_t i = 0; i < REDIS_DATA_COUNT; i++) {
		int nth, failed = 0;

		for (nth = 1; atomic_load(&disk.left) == 0; nth++) {
			char *dir = harness_make_dir();
			struct instance *store = store_create(dir);

			redis_data[i].leave(dir);
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

/* In theirs, too, and it stays where it is. */
static void a_damaged_end_is_left_out_up_to_what_may_be_lost(void)
{
	char *dir = harness_make_dir(), *contents, *kept;
	struct instance *store;
	size_t len;

	redis_put_text(dir, "a.manifest", REDIS_BASE REDIS_INCR1);
	redis_put_text(dir, "b", REDIS_RECORD);
	redis_put_text(dir, "i", REDIS_INCR "*abc");
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
	g_assert_cmpmem(kept, len, REDIS_INCR "*abc", 25);
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
	redis_put(dir, "dump.rdb", far);
	store = store_create(dir);
	g_assert_cmpint(store_open(store), <, 0);
	g_assert_nonnull(strstr(store_error, "the key 'k' is in database 16; the last one is 15"));
	store_destroy(store);

	rdb_put_pair(twice, "k", "v");
	rdb_put_pair(twice, "k", "v");
	rdb_end(twice);
	redis_put(dir, "dump.rdb", twice);
	store = store_create(dir);
	g_assert_cmpint(store_open(store), <, 0);
	g_assert_nonnull(strstr(store_error, "the key 'k' is there twice in database 0"));
	store_destroy(store);
	harness_remove_dir(dir);
}

static void two_processes_do_not_import_the_same(void)
{
	char *dir = harness_make_dir();
	struct instance *first = store_create(dir), *second = store_create(dir);

	redis_leave_dump(dir);
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
	harness_add("/a-damaged-end-is-left-out-up-to-what-may-be-lost",
		    a_damaged_end_is_left_out_up_to_what_may_be_lost);
	harness_add("/keys-that-cannot-be-are-refused", keys_that_cannot_be_are_refused);
	harness_add("/two-processes-do-not-import-the-same", two_processes_do_not_import_the_same);
	return harness_run();
}
