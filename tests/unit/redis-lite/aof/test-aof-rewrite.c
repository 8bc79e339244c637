/* SPDX-License-Identifier: MIT */
/*
 * The file rewritten while it is served, on a disk that is slow or fails.
 */
#include "aof/internal.h"
#include "harness.h"
#include "redis-lite/disk.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Or the old file could come back with the power, without what was acknowledged since. */
static void a_rewritten_file_has_its_name_before_the_next_reply(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;
	struct aof_status status;
	unsigned before;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	before = atomic_load(&disk.folder_syncs);
	aof_schedule_rewrite(instance->aof);
	store_finish_rewrite(instance);
	aof_get_status(instance->aof, &status);
	g_assert_cmpuint(status.rewrites, ==, 1);
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	g_assert_cmpuint(atomic_load(&disk.folder_syncs), ==, before + 1);
	store_destroy(instance);
	harness_remove_dir(dir);
}

static void expect_rewritten(const char *dir, struct instance *instance, const char *expected)
{
	struct aof_status status;
	char *got;

	aof_get_status(instance->aof, &status);
	g_assert_cmpuint(status.rewrites, ==, 1);
	store_destroy(instance);
	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	got = store_contents(instance);
	g_assert_cmpstr(got, ==, expected);
	g_free(got);
	store_destroy(instance);
}

/* As on NFS. */
static void a_rewrite_takes_the_name_where_names_cannot_be_exchanged(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	disk.names_cannot = true;
	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	aof_schedule_rewrite(instance->aof);
	store_finish_rewrite(instance);
	disk.names_cannot = false;
	expect_rewritten(dir, instance, "0 a=1@0");
	harness_remove_dir(dir);
}

static void a_file_that_was_left_beside_is_in_no_rewrite_s_way(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file.rewrite", NULL);
	struct instance *instance;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_true(g_file_set_contents(file, "*1\r\n", -1, NULL));
	aof_schedule_rewrite(instance->aof);
	store_finish_rewrite(instance);
	expect_rewritten(dir, instance, "0 a=1@0");
	g_free(file);
	harness_remove_dir(dir);
}

/*
 * A rewrite of which the log grows in each of the thread's rounds, which are told. Returns the most
 * that the loop wrote in a step of it.
 */
static size_t rewrite_too_slowly(struct instance *instance, void (*grow)(struct instance *instance))
{
	struct aof_status status;
	size_t most = 0;

	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	aof_schedule_rewrite(instance->aof);
	sem_init(&disk.came, 0, 0);
	sem_init(&disk.may_go, 0, 0);
	sem_init(&disk.went, 0, 0);
	disk.gated = true;
	do {
		atomic_store(&disk.written, 0);
		aof_rewrite_tick(instance->aof, 1000, 1000);
		most = MAX(most, atomic_load(&disk.written));
		if (sem_trywait(&disk.came) == 0) {
			grow(instance);
			sem_post(&disk.may_go);
			sem_wait(&disk.went);
			g_usleep(1000); /* so that it mostly is done, and is seen to be at once */
		}
		aof_get_status(instance->aof, &status);
	} while (status.rewrites == 0);
	disk.gated = false;
	return most;
}

static void log_some(struct instance *instance)
{
	char *value = g_strnfill(STORE_MIB, 'v'), *request = g_strdup_printf("SET a %s", value);

	for (int i = 0; i < 3; i++) {
		store_run(instance, request, 1);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	}
	g_free(request);
	g_free(value);
}

static void log_some_that_is_seen(struct instance *instance)
{
	log_some(instance);
	aof_rewrite_tick(instance->aof, 1000, 1000);
}

/* What the thread has not copied, as more comes all the time, the loop copies a bit at a time. */
static void a_rewrite_that_is_late_stops_the_loop_for_a_bit_at_a_time(void)
{
	char *dir = harness_make_dir(), *value = g_strnfill(STORE_MIB, 'v');
	char *expected = g_strdup_printf("0 a=%s@0", value);
	struct instance *instance;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	g_assert_cmpuint(rewrite_too_slowly(instance, log_some_that_is_seen), <=, STORE_MIB);
	expect_rewritten(dir, instance, expected);
	g_free(expected);
	g_free(value);
	harness_remove_dir(dir);
}

static void log_some_for_a_second(struct instance *instance)
{
	static int64_t now_ms = 2000;

	log_some(instance);
	aof_tick(instance->aof, now_ms += 1000);
	store_await_sync(instance);
}

/* Or the new file would never have on the disk what the old one has. */
static void a_rewrite_that_is_late_holds_syncs_back_and_ends(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	rewrite_too_slowly(instance, log_some_for_a_second);
	store_destroy(instance);
	harness_remove_dir(dir);
}

static void a_late_rewrite_under_always_is_synced_when_it_takes_over(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;
	struct aof *aof;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	aof = instance->aof;
	disk_forget_syncs();
	rewrite_too_slowly(instance, log_some);
	g_assert_cmpuint(aof->synced, ==, aof->log.size);
	g_assert_cmpuint(disk.synced[aof->log.fd], ==, aof->log.size);
	store_destroy(instance);
	harness_remove_dir(dir);
}

static bool anything_is_synced(void)
{
	for (int fd = 0; fd < DISK_FDS_MAX; fd++) {
		if (disk.synced[fd] > 0) {
			return true;
		}
	}
	return false;
}

/* Bytes that the disk keeps for the file behind its end. */
static int64_t room_behind(const char *file)
{
	struct stat st;

	g_assert_cmpint(stat(file, &st), ==, 0);
	return (int64_t)st.st_blocks * 512 - st.st_size;
}

static void a_rewritten_file_has_no_room_ahead(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	struct instance *instance;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	store_log_much(instance);
	store_rewrite(instance, 1000);
	store_await_sync(instance);
	g_assert_cmpint(room_behind(file), <, STORE_MIB);
	store_destroy(instance);
	g_free(file);
	harness_remove_dir(dir);
}

static void a_rewrite_ends_though_every_turn_has_something_to_log(void)
{
	char *dir = harness_make_dir(), *expected;
	struct aof_status status;
	struct instance *instance;
	int n = 0;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	aof_schedule_rewrite(instance->aof);
	do {
		store_run(instance, "INCR n", 1);
		n++;
		aof_rewrite_tick(instance->aof, 1000, 1000);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		aof_get_status(instance->aof, &status);
	} while (status.rewrites == 0);
	store_finish_rewrite(instance);
	expected = g_strdup_printf("0 n=%d@0", n);
	expect_rewritten(dir, instance, expected);
	g_free(expected);
	harness_remove_dir(dir);
}

/* The old file had it on the disk; power that fails just behind the switch must not take it. */
static void what_was_synced_stays_so_when_the_rewritten_file_takes_over(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	struct instance *instance;
	struct stat st;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	aof_schedule_rewrite(instance->aof);
	disk_forget_syncs();
	while (aof_rewrite_tick(instance->aof, 1000, 1000)) {
	}
	while (!anything_is_synced()) { /* by the thread */
		g_usleep(1000);
	}
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	aof_tick(instance->aof, 2000);
	store_await_sync(instance);
	store_finish_rewrite(instance);
	g_assert_cmpint(stat(file, &st), ==, 0);
	g_assert_cmpint(disk.synced[instance->aof->log.fd], ==, st.st_size);
	store_destroy(instance);
	g_free(file);
	harness_remove_dir(dir);
}

/* The tick, and with it the switch, comes between a request and its commit. */
static void what_a_turn_wrote_before_the_switch_is_synced_before_its_reply(void)
{
	char *dir = harness_make_dir(), *value = g_strnfill(1200000, 'v'); /* written at once */
	char *request = g_strdup_printf("SET b %s", value);
	struct instance *instance;
	struct stat st;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	disk_forget_syncs();
	aof_schedule_rewrite(instance->aof);
	while (aof_rewrite_tick(instance->aof, 1000, 1000)) {
	}
	while (!anything_is_synced()) { /* by the thread */
		g_usleep(1000);
	}
	store_run(instance, request, 1);
	store_finish_rewrite(instance);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	g_assert_cmpint(fstat(instance->aof->log.fd, &st), ==, 0);
	g_assert_cmpint(st.st_size, >, 1200000);
	g_assert_cmpint(disk.synced[instance->aof->log.fd], ==, st.st_size);
	store_destroy(instance);
	g_free(request);
	g_free(value);
	harness_remove_dir(dir);
}

enum {
	LARGE_KEYS = 40,
	LARGE_LEN = 250000
};

/* In the last database, so that the walk's last step has some of them. */
static void add_large_keys(struct instance *instance)
{
	char *value = g_strnfill(LARGE_LEN, 'v');

	for (int i = 0; i < LARGE_KEYS; i++) {
		char *set = g_strdup_printf("SET k%d %s", i, value);
		char *move = g_strdup_printf("MOVE k%d %d", i, KEYSPACE_DBS - 1);

		store_run(instance, set, 1);
		store_run(instance, move, 1);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		g_free(move);
		g_free(set);
	}
	g_free(value);
}

/* Returns whether there was an nth write. */
static bool rewrite_with_a_failed_write(int nth)
{
	char *dir = harness_make_dir();
	struct instance *instance;
	bool failed;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	add_large_keys(instance);
	disk.kind = DISK_WRITE;
	disk.error = ENOSPC;
	atomic_store(&disk.left, nth);
	store_rewrite(instance, 1000);
	failed = atomic_load(&disk.left) == 0;
	atomic_store(&disk.left, 0);
	store_destroy(instance);
	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	g_assert_cmpuint(instance->keyspace.db[KEYSPACE_DBS - 1].count, ==, LARGE_KEYS);
	store_destroy(instance);
	harness_remove_dir(dir);
	return failed;
}

static void a_rewrite_in_which_one_write_fails_loses_nothing(void)
{
	int nth = 1;

	while (rewrite_with_a_failed_write(nth)) {
		nth++;
	}
	g_assert_cmpint(nth, >, LARGE_KEYS * LARGE_LEN / STORE_MIB);
}

static bool is_rewriting(struct instance *instance, int64_t now_ms)
{
	aof_rewrite_tick(instance->aof, now_ms, now_ms);
	return aof_is_rewriting(instance->aof);
}

static void growth_waits_after_a_rewrite_that_took_long(void)
{
	const int64_t took_ms = 1000;
	char *dir = harness_make_dir();
	struct instance *instance;
	int64_t end_ms = 1 + took_ms;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	instance->settings.aof.rewrite_min_size = 1;
	instance->settings.aof.rewrite_percentage = 1;
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	g_assert_true(is_rewriting(instance, 1));
	while (is_rewriting(instance, end_ms)) {
	}
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	g_assert_false(is_rewriting(instance, end_ms + 8 * took_ms));
	g_assert_true(is_rewriting(instance, end_ms + 9 * took_ms));
	store_destroy(instance);
	harness_remove_dir(dir);
}

/* What was logged before the rewrite began, but not yet written, is in the snapshot already. */
static void what_a_rewrite_has_seen_is_not_done_twice(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "INCR n", 1);
	aof_schedule_rewrite(instance->aof);
	for (int i = 0; i < 50; i++) {
		aof_rewrite_tick(instance->aof, 1000, 1000);
		g_usleep(1000);
	}
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	store_finish_rewrite(instance);
	expect_rewritten(dir, instance, "0 n=1@0");
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/aof-rewrite");
	harness_add("/a-rewritten-file-has-its-name-before-the-next-reply",
		    a_rewritten_file_has_its_name_before_the_next_reply);
	harness_add("/a-rewrite-takes-the-name-where-names-cannot-be-exchanged",
		    a_rewrite_takes_the_name_where_names_cannot_be_exchanged);
	harness_add("/a-file-that-was-left-beside-is-in-no-rewrite-s-way",
		    a_file_that_was_left_beside_is_in_no_rewrite_s_way);
	harness_add("/a-rewrite-that-is-late-holds-syncs-back-and-ends",
		    a_rewrite_that_is_late_holds_syncs_back_and_ends);
	harness_add("/a-late-rewrite-under-always-is-synced-when-it-takes-over",
		    a_late_rewrite_under_always_is_synced_when_it_takes_over);
	harness_add("/a-rewritten-file-has-no-room-ahead", a_rewritten_file_has_no_room_ahead);
	harness_add("/a-rewrite-that-is-late-stops-the-loop-for-a-bit-at-a-time",
		    a_rewrite_that_is_late_stops_the_loop_for_a_bit_at_a_time);
	harness_add("/a-rewrite-ends-though-every-turn-has-something-to-log",
		    a_rewrite_ends_though_every_turn_has_something_to_log);
	harness_add("/growth-waits-after-a-rewrite-that-took-long",
		    growth_waits_after_a_rewrite_that_took_long);
	harness_add("/what-was-synced-stays-so-when-the-rewritten-file-takes-over",
		    what_was_synced_stays_so_when_the_rewritten_file_takes_over);
	harness_add("/what-a-turn-wrote-before-the-switch-is-synced-before-its-reply",
		    what_a_turn_wrote_before_the_switch_is_synced_before_its_reply);
	harness_add("/a-rewrite-in-which-one-write-fails-loses-nothing",
		    a_rewrite_in_which_one_write_fails_loses_nothing);
	harness_add("/what-a-rewrite-has-seen-is-not-done-twice",
		    what_a_rewrite_has_seen_is_not_done_twice);
	return harness_run();
}
