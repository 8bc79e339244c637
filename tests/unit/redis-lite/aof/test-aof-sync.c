/* SPDX-License-Identifier: MIT */
/*
 * When the file is synced, by each policy, and what a sync that fails leads to.
 */
#include "aof/internal.h"
#include "harness.h"
#include "redis-lite/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void a_failed_sync_under_always_is_the_end(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	disk.kind = DISK_SYNC;
	disk.error = EIO;
	atomic_store(&disk.left, 1);
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, -EIO);
	g_assert_true(aof_has_failed(instance->aof));
	g_assert_false(store_run(instance, "SET c 3", 1));
	store_destroy(instance);
	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	g_assert_cmpuint(instance->keyspace.db[0].count, ==, 1);
	store_destroy(instance);
	harness_remove_dir(dir);
}

/* Some file systems cannot, and say so. */
static void a_folder_that_cannot_be_synced_is_no_error(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	disk.folders_cannot = true;
	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	aof_schedule_rewrite(instance->aof);
	store_finish_rewrite(instance);
	aof_tick(instance->aof, 2000);
	store_await_sync(instance);
	aof_tick(instance->aof, 4000);
	g_assert_cmpint(aof_error(instance->aof), ==, 0);
	store_destroy(instance);
	disk.folders_cannot = false;
	harness_remove_dir(dir);
}

static void a_sync_that_fails_at_the_end_is_told_and_not_tried_again(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	disk.kind = DISK_SYNC;
	disk.error = EIO;
	atomic_store(&disk.left, 1);
	aof_tick(instance->aof, 2000);
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	store_await_sync(instance);
	disk_forget_syncs();
	store_destroy(instance);
	g_assert_nonnull(strstr(store_log->str, "cannot sync: Input/output error"));
	for (int fd = 0; fd < DISK_FDS_MAX; fd++) {
		g_assert_cmpint(disk.synced[fd], ==, 0);
	}
	harness_remove_dir(dir);
}

/* Bytes that the disk keeps for the file behind its end. */
static int64_t room_behind(const char *file)
{
	struct stat st;

	g_assert_cmpint(stat(file, &st), ==, 0);
	return (int64_t)st.st_blocks * 512 - st.st_size;
}

static void a_log_that_grows_fast_has_room_ahead_while_it_is_open(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	struct instance *instance;
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct statvfs fs;

	g_assert_cmpint(fstatvfs(fd, &fs), ==, 0);
	if (fs.f_bavail * fs.f_frsize < (uint64_t)3 * 1024 * STORE_MIB ||
	    fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 128 * STORE_MIB) < 0 ||
	    room_behind(file) < 128 * STORE_MIB) {
		harness_skip("this file system cannot set room aside, or has not enough");
	}
	g_assert_cmpint(ftruncate(fd, 0), ==, 0);
	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_log_much(instance);
	aof_tick(instance->aof, 1);
	store_await_sync(instance);
	g_assert_cmpint(room_behind(file), >, 100 * STORE_MIB);
	aof_tick(instance->aof, 1001);
	g_assert_cmpint(room_behind(file), <, STORE_MIB);
	store_log_much(instance);
	aof_tick(instance->aof, 1002);
	store_await_sync(instance);
	g_assert_cmpint(room_behind(file), >, 100 * STORE_MIB);
	store_destroy(instance);
	g_assert_cmpint(room_behind(file), <, STORE_MIB);
	/* As a process leaves it that is killed. */
	g_assert_cmpint(fallocate(fd, FALLOC_FL_KEEP_SIZE, 64 * STORE_MIB, 64 * STORE_MIB), ==, 0);
	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	g_assert_cmpint(room_behind(file), <, STORE_MIB);
	store_destroy(instance);
	close(fd);
	g_free(file);
	harness_remove_dir(dir);
}

/* Within a second. What is on the disk then goes from the page cache, but for a rewrite's sake. */
static void everysec_syncs_a_log_that_grows_fast_sooner(void)
{
	char *dir = harness_make_dir();
	uint64_t size[4] = { 0 };
	struct instance *instance;
	struct aof *aof;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	aof = instance->aof;
	for (int i = 1; i < 4; i++) {
		store_log_much(instance);
		size[i] = aof->log.size;
		if (i == 3) {
			aof_schedule_rewrite(aof);
			aof_rewrite_tick(aof, 1, 1);
		}
		aof_tick(aof, 1);
		store_await_sync(instance);
		g_assert_cmpuint(disk.synced[aof->log.fd], ==, size[i]);
		g_assert_cmpuint(disk.dropped_to, ==, size[i < 3 ? i - 1 : 1]);
	}
	store_finish_rewrite(instance);
	store_destroy(instance);
	disk.dropped_to = 0;
	harness_remove_dir(dir);
}

static void a_policy_that_is_set_holds_from_the_next_commit_on(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;
	struct aof *aof;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	aof = instance->aof;
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(aof), ==, 0);
	g_assert_cmpuint(disk.synced[aof->log.fd], ==, 0);
	instance->settings.aof.fsync = AOF_FSYNC_ALWAYS;
	g_assert_cmpint(aof_commit(aof), ==, 0);
	g_assert_cmpuint(disk.synced[aof->log.fd], ==, aof->log.size);
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(aof), ==, 0);
	g_assert_cmpuint(disk.synced[aof->log.fd], ==, aof->log.size);
	instance->settings.aof.fsync = AOF_FSYNC_NO;
	store_run(instance, "SET b 3", 1);
	g_assert_cmpint(aof_commit(aof), ==, 0);
	g_assert_cmpuint(disk.synced[aof->log.fd], <, aof->log.size);
	store_destroy(instance);
	harness_remove_dir(dir);
}

/* Much may not be on the disk then; always would cut it off. */
static void a_sync_that_fails_as_always_begins_cuts_nothing_off(void)
{
	static const int errors[] = { EIO, ENOSPC };

	for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
		char *dir = harness_make_dir();
		struct instance *instance;

		g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
		store_run(instance, "SET a 1", 1);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		instance->settings.aof.fsync = AOF_FSYNC_ALWAYS;
		disk.kind = i == 0 ? DISK_SYNC : DISK_WRITE;
		disk.error = errors[i];
		atomic_store(&disk.left, 1);
		store_run(instance, "SET b 2", 1);
		g_assert_cmpint(aof_commit(instance->aof), ==, -errors[i]);
		g_assert_false(aof_has_failed(instance->aof));
		aof_tick(instance->aof, 2000);
		store_finish_rewrite(instance);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		g_assert_true(aof_is_always(instance->aof));
		store_destroy(instance);
		g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
		g_assert_cmpuint(instance->keyspace.db[0].count, ==, 2);
		store_destroy(instance);
		harness_remove_dir(dir);
	}
}

/* The sync that was under way may have failed: what everysec does then can still be done. */
static void a_broken_file_keeps_its_policy(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;
	struct aof *aof;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	aof = instance->aof;
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(aof), ==, 0);
	disk.kind = DISK_SYNC;
	disk.error = EIO;
	atomic_store(&disk.left, 1);
	aof_tick(aof, 2000);
	instance->settings.aof.fsync = AOF_FSYNC_ALWAYS;
	aof_commit(aof);
	g_assert_cmpint(aof_error(aof), ==, EIO);
	g_assert_false(aof_has_failed(aof));
	store_finish_rewrite(instance);
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(aof), ==, 0);
	g_assert_cmpuint(disk.synced[aof->log.fd], ==, aof->log.size);
	store_destroy(instance);
	harness_remove_dir(dir);
}

/* Or the file would have a hole, and be loaded no more. */
static void nothing_is_written_behind_what_is_lost(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0600);
	struct aof_writer writer;
	struct stat st;

	aof_writer_init(&writer, fd, 0);
	aof_writer_append(&writer, "behind", 6);
	writer.lossy = true;
	writer.error = ENOMEM;
	aof_writer_flush(&writer);
	g_assert_cmpint(fstat(fd, &st), ==, 0);
	g_assert_cmpint(st.st_size, ==, 0);
	g_assert_cmpint(writer.error, ==, ENOMEM);
	aof_writer_finish(&writer);
	close(fd);
	g_free(file);
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/aof-sync");
	harness_add("/a-failed-sync-under-always-is-the-end",
		    a_failed_sync_under_always_is_the_end);
	harness_add("/a-sync-that-fails-as-always-begins-cuts-nothing-off",
		    a_sync_that_fails_as_always_begins_cuts_nothing_off);
	harness_add("/everysec-syncs-a-log-that-grows-fast-sooner",
		    everysec_syncs_a_log_that_grows_fast_sooner);
	harness_add("/a-log-that-grows-fast-has-room-ahead-while-it-is-open",
		    a_log_that_grows_fast_has_room_ahead_while_it_is_open);
	harness_add("/a-policy-that-is-set-holds-from-the-next-commit-on",
		    a_policy_that_is_set_holds_from_the_next_commit_on);
	harness_add("/a-broken-file-keeps-its-policy", a_broken_file_keeps_its_policy);
	harness_add("/a-folder-that-cannot-be-synced-is-no-error",
		    a_folder_that_cannot_be_synced_is_no_error);
	harness_add("/a-sync-that-fails-at-the-end-is-told-and-not-tried-again",
		    a_sync_that_fails_at_the_end_is_told_and_not_tried_again);
	harness_add("/nothing-is-written-behind-what-is-lost",
		    nothing_is_written_behind_what_is_lost);
	return harness_run();
}
