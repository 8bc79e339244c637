/* SPDX-License-Identifier: MIT */
/*
 * The append-only file on a disk that tears, loses and fails: the calls to the disk go through this
 * file, which has one of them fail, as the test says.
 *
 * A sync does nothing here while it succeeds. One that fails takes with it what was written since
 * the last one that did not, as a kernel may do.
 */
#include "aof/internal.h"
#include "command/batch.h"
#include "command/command.h"
#include "command/instance.h"
#include "harness.h"
#include "redis-lite/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum call_kind {
	CALL_WRITE,
	CALL_SYNC,
	CALL_RENAME,
	CALL_TRUNCATE,
	CALL_MAX
};

ssize_t __real_write(int fd, const void *buf, size_t len);
int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_renameat(int olddir, const char *from, int newdir, const char *to);
int __real_renameat2(int olddir, const char *from, int newdir, const char *to, unsigned flags);
/* What ftruncate() is with 64-bit offsets. */
int __real_ftruncate64(int fd, off_t size);
int __real_posix_fadvise64(int fd, off_t offset, off_t len, int advice);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_renameat(int olddir, const char *from, int newdir, const char *to);
int __wrap_renameat2(int olddir, const char *from, int newdir, const char *to, unsigned flags);
int __wrap_ftruncate64(int fd, off_t size);
int __wrap_posix_fadvise64(int fd, off_t offset, off_t len, int advice);

/* Each cut and each call, instead of some: REDIS_LITE_ROUNDS=1 */
static bool is_thorough(void)
{
	return g_getenv("REDIS_LITE_ROUNDS") != NULL;
}

#define FDS_MAX 64

/* Which call fails: the nth from now. */
static struct {
	enum call_kind kind;
	atomic_int left; /* 0: none does */
	int error;
	_Atomic(off_t) synced[FDS_MAX];
	atomic_uint folder_syncs;
	bool folders_cannot; /* be synced */
	bool names_cannot;   /* be exchanged */
	bool gated;	     /* a rewrite's sync is told by one, and waits for the other */
	sem_t came, may_go, went;
	atomic_size_t written; /* by the loop */
	off_t dropped_to;      /* what need not stay in memory */
} disk;

static bool fails(enum call_kind kind)
{
	if (kind != disk.kind || atomic_load(&disk.left) == 0 ||
	    atomic_fetch_sub(&disk.left, 1) != 1) {
		return false;
	}
	errno = disk.error;
	return true;
}

static int sync_folder(void)
{
	atomic_fetch_add(&disk.folder_syncs, 1);
	if (disk.folders_cannot || fails(CALL_SYNC)) {
		errno = disk.folders_cannot ? EINVAL : disk.error;
		return -1;
	}
	return 0;
}

static bool is_loop(void)
{
	return gettid() == getpid();
}

static void forget_syncs(void)
{
	for (size_t i = 0; i < FDS_MAX; i++) {
		atomic_store(&disk.synced[i], 0);
	}
}

static int sync_fd(int fd)
{
	struct stat st;
	off_t size;

	g_assert_cmpint(fd, <, FDS_MAX);
	g_assert_cmpint(fstat(fd, &st), ==, 0);
	if (S_ISDIR(st.st_mode)) {
		return sync_folder();
	}
	size = st.st_size;
	if (!fails(CALL_SYNC)) {
		disk.synced[fd] = size;
		return 0;
	}
	if (size > disk.synced[fd]) {
		g_assert_cmpint(__real_ftruncate64(fd, disk.synced[fd]), ==, 0);
		g_assert_cmpint(__real_ftruncate64(fd, size), ==, 0);
	}
	errno = disk.error;
	return -1;
}

int __wrap_fdatasync(int fd)
{
	return sync_fd(fd);
}

int __wrap_fsync(int fd)
{
	if (disk.gated && !is_loop()) {
		sem_post(&disk.came);
		while (sem_wait(&disk.may_go) < 0) {
		}
		sem_post(&disk.went);
	}
	return sync_fd(fd);
}

/* Half of it is written before it fails, as on a disk that becomes full. */
ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	static atomic_bool halved;

	if (atomic_exchange(&halved, false)) {
		errno = disk.error;
		return -1;
	}
	if (fails(CALL_WRITE)) {
		if (len < 2) {
			return -1;
		}
		atomic_store(&halved, true);
		len /= 2;
	}
	atomic_fetch_add(&disk.written, is_loop() ? len : 0);
	return __real_write(fd, buf, len);
}

/* One that is to fail does so in both ways. */
int __wrap_renameat2(int olddir, const char *from, int newdir, const char *to, unsigned flags)
{
	if (disk.names_cannot || (disk.kind == CALL_RENAME && atomic_load(&disk.left) == 1)) {
		errno = disk.names_cannot ? EINVAL : disk.error;
		return -1;
	}
	g_assert_false(fails(CALL_RENAME));
	return __real_renameat2(olddir, from, newdir, to, flags);
}

int __wrap_posix_fadvise64(int fd, off_t offset, off_t len, int advice)
{
	g_assert_cmpint(offset, ==, disk.dropped_to);
	g_assert_cmpint(advice, ==, POSIX_FADV_DONTNEED);
	disk.dropped_to = offset + len;
	return __real_posix_fadvise64(fd, offset, len, advice);
}

int __wrap_renameat(int olddir, const char *from, int newdir, const char *to)
{
	return fails(CALL_RENAME) ? -1 : __real_renameat(olddir, from, newdir, to);
}

int __wrap_ftruncate64(int fd, off_t size)
{
	return fails(CALL_TRUNCATE) ? -1 : __real_ftruncate64(fd, size);
}

static int instance_open(const char *dir, enum aof_fsync policy, struct instance **ret_instance)
{
	forget_syncs();
	*ret_instance = store_create(dir);
	(*ret_instance)->settings.aof.fsync = policy;
	return store_open(*ret_instance);
}

/* What the file held when so many bytes of it were written. */
struct state {
	size_t size;
	char *contents;
};

#define RECORDS	     130
#define RECORDS_TORN 100

static void record_one(struct instance *instance, int i)
{
	static const char *const forms[] = {
		"SET k%d value-%d", "INCRBY n%d %d",	   "SET t%d v PXAT 999%d",
		"MSET a%d 1 b%d 2", "PEXPIREAT k%d 888%d", "DEL a%d k%d",
	};
	char *request = g_strdup_printf(forms[(size_t)i % G_N_ELEMENTS(forms)], i % 7, i % 5);

	store_run(instance, request, 1);
	g_free(request);
}

static void record_transaction(struct instance *instance)
{
	aof_begin(instance->aof);
	store_run(instance, "SET in v", 1);
	store_run(instance, "INCR count", 1);
	aof_end(instance->aof);
}

static void record(const char *dir, struct state *states)
{
	struct instance *instance;
	struct aof_status status;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
	for (int i = 0; i < RECORDS; i++) {
		if (i % 10 == 9) {
			record_transaction(instance);
		} else {
			record_one(instance, i);
		}
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		aof_get_status(instance->aof, &status);
		states[i] = (struct state){ status.size, store_contents(instance) };
	}
	store_destroy(instance);
}

static void put(const char *file, const char *data, size_t len)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	g_assert_cmpint(__real_write(fd, data, len), ==, len);
	close(fd);
}

static void expect_file(const char *file, const char *data, size_t len)
{
	char *got;
	size_t got_len;

	g_assert_true(g_file_get_contents(file, &got, &got_len, NULL));
	g_assert_cmpmem(got, got_len, data, len);
	g_free(got);
}

/* Loads @len bytes, of which the first @state->size are whole: those count, the rest is kept. */
static void expect_prefix(const char *dir, const char *data, size_t len, const struct state *state)
{
	char *file = g_build_filename(dir, "file", NULL);
	char *cut = g_build_filename(dir, "file.cut-1", NULL);
	struct instance *instance;
	char *got;

	put(file, data, len);
	if (instance_open(dir, AOF_FSYNC_NO, &instance) < 0) {
		harness_fail("%zu bytes, of which %zu are whole: %s", len, state->size,
			     store_error);
	}
	got = store_contents(instance);
	g_assert_cmpstr(got, ==, state->contents);
	g_free(got);
	store_destroy(instance);
	expect_file(file, data, state->size);
	if (len > state->size) {
		expect_file(cut, data + state->size, len - state->size);
		g_assert_cmpint(unlink(cut), ==, 0);
	}
	g_assert_cmpint(access(cut, F_OK), <, 0);
	g_free(cut);
	g_free(file);
}

/* Tries each cut of the last records, with so many zeros behind it. */
static void tear(size_t zeros, size_t step)
{
	struct state states[RECORDS];
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL), *data;
	size_t len, whole = RECORDS - RECORDS_TORN;

	record(dir, states);
	g_assert_true(g_file_get_contents(file, &data, &len, NULL));
	g_assert_cmpuint(len, ==, states[RECORDS - 1].size);
	for (size_t cut = states[whole].size; cut <= len; cut += step) {
		char *torn = g_malloc0(cut + zeros);

		while (whole + 1 < RECORDS && states[whole + 1].size <= cut) {
			whole++;
		}
		memcpy(torn, data, cut);
		expect_prefix(dir, torn, cut + zeros, &states[whole]);
		g_free(torn);
	}
	for (size_t i = 0; i < RECORDS; i++) {
		g_free(states[i].contents);
	}
	g_free(data);
	g_free(file);
	harness_remove_dir(dir);
}

static void a_file_cut_at_any_byte_is_its_whole_prefix(void)
{
	tear(0, 1);
}

static void zeros_behind_a_cut_make_no_difference(void)
{
	static const size_t zeros[] = { 1, 12, 4095, 4096, 65536 };

	for (size_t i = 0; i < G_N_ELEMENTS(zeros); i++) {
		tear(zeros[i], is_thorough() ? 1 : 31);
	}
}

static void cuts_are_kept_and_their_number_is_bounded(void)
{
	static const char data[] = "*1\r\n$8\r\nFLUSHALL\r\n*3\r\n$3\r\nSET\r\n$1\r\n";
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	struct instance *instance;
	GDir *folder;
	unsigned files = 0;

	for (int i = 0; i < 12; i++) {
		put(file, data, sizeof(data) - 1);
		g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
		store_destroy(instance);
		g_assert_nonnull(
			strstr(store_log->str, i < 9 ? "offset 18; they are kept in file.cut-"
						     : "the oldest cut, file.cut-"));
		g_string_truncate(store_log, 0);
	}
	folder = g_dir_open(dir, 0, NULL);
	while (g_dir_read_name(folder)) {
		files++;
	}
	g_dir_close(folder);
	g_assert_cmpuint(files, ==, 10);
	g_free(file);
	harness_remove_dir(dir);
}

static void nothing_is_cut_that_cannot_be_kept(void)
{
	static const char data[] = "*1\r\n$8\r\nFLUSHALL\r\n*3\r\n$3\r\nSET\r\n$1\r\n";
	static const enum call_kind kinds[] = { CALL_WRITE, CALL_SYNC, CALL_TRUNCATE };
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	char *cut = g_build_filename(dir, "file.cut-1", NULL);
	struct instance *instance;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		put(file, data, sizeof(data) - 1);
		disk.kind = kinds[i];
		disk.error = ENOSPC;
		atomic_store(&disk.left, 1);
		g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, -ENOSPC);
		g_assert_nonnull(strstr(store_error, "cannot keep and cut"));
		store_destroy(instance);
		expect_file(file, data, sizeof(data) - 1);
		g_assert_cmpint(access(cut, F_OK), <, 0);
	}
	g_free(cut);
	g_free(file);
	harness_remove_dir(dir);
}

/* Enough for 200 calls of each kind; each fifth is followed by a rewrite. */
#define TURNS 230

/* What a process saw acknowledged before it was killed. */
struct witness {
	bool acked[TURNS];
	bool done; /* it got to its end */
	bool over; /* since a file under always was broken */
	int failures_left;
};

/* Rewrites until that is done, or has failed. */
static void rewrite(struct instance *instance, int64_t now_ms)
{
	struct aof_status status;

	aof_rewrite_soon(instance->aof);
	do {
		aof_renew(instance->aof, now_ms, now_ms);
		aof_tick(instance->aof, now_ms);
		aof_get_status(instance->aof, &status);
	} while (status.rewriting || status.rewrite_wanted);
}

/*
 * One request a turn of the loop, from one turn up to another; a second goes by in each, and the tick
 * comes before the commit. Where renames fail there is one in each turn.
 */
static void serve(struct instance *instance, struct witness *witness, int from, int to)
{
	int often = disk.kind == CALL_RENAME ? 1 : 5;
	int64_t now_ms = 1000;

	for (int i = from; i < to && !aof_is_over(instance->aof); i++, now_ms += 1000) {
		char *request = g_strdup_printf("SET k%d v%d", i, i);
		bool taken = store_run(instance, request, 1);

		while (aof_renew(instance->aof, now_ms, now_ms)) {
		}
		aof_tick(instance->aof, now_ms);
		if (i % often == often - 1 && !aof_error(instance->aof)) {
			rewrite(instance, now_ms);
		}
		witness->acked[i] = aof_commit(instance->aof) == 0 && taken;
		g_free(request);
	}
}

/* A thread may still find that a sync has failed; the disk recovers. */
static void settle(struct instance *instance, struct witness *witness)
{
	int64_t now_ms = 1000000;

	for (int i = 0; i < 50 && !aof_is_over(instance->aof); i++, now_ms += 1000) {
		aof_tick(instance->aof, now_ms);
		aof_renew(instance->aof, now_ms, now_ms);
		g_usleep(1000);
	}
	witness->over = aof_is_over(instance->aof);
	witness->done = witness->over || aof_error(instance->aof) == 0;
}

static void append_torn(const char *dir)
{
	char *file = g_build_filename(dir, "file", NULL);
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0600);

	g_assert_cmpint(__real_write(fd, "*2\r\n", 4), ==, 4);
	close(fd);
	g_free(file);
}

/* A file is cut when it is opened with a torn tail: where that fails it is opened again and again. */
static void start_and_serve(const char *dir, enum aof_fsync policy, struct witness *witness)
{
	int starts = disk.kind == CALL_TRUNCATE ? TURNS / 2 : 1, turns = TURNS / starts;
	struct instance *instance;
	bool is_torn = false;

	witness->done = true;
	for (int i = 0; i < starts; i++) {
		if (!is_torn) {
			append_torn(dir);
		}
		is_torn = instance_open(dir, policy, &instance) < 0;
		if (!is_torn) {
			serve(instance, witness, i * turns, (i + 1) * turns);
		}
		if (i + 1 < starts) {
			store_destroy(instance);
		} else if (!is_torn) {
			settle(instance, witness);
		}
	}
}

/* In a process that ends as if killed. */
static void serve_and_die(const char *dir, enum aof_fsync policy, struct witness *witness)
{
	pid_t pid = fork();
	int status;

	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		start_and_serve(dir, policy, witness);
		witness->failures_left = atomic_load(&disk.left);
		_exit(0);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_cmpint(status, ==, 0);
	g_assert_true(witness->done);
}

static void expect_acked(const char *dir, const struct witness *witness, const char *what)
{
	struct instance *instance;

	if (instance_open(dir, AOF_FSYNC_NO, &instance) < 0) {
		harness_fail("%s: %s", what, store_error);
	}
	for (int i = 0; i < TURNS; i++) {
		char *name = g_strdup_printf("k%d", i);
		struct key key = keyspace_key(&instance->keyspace, name, strlen(name));

		if (witness->acked[i] && !keyspace_find(&instance->keyspace, 0, &key, 1)) {
			harness_fail("%s: %s was acknowledged and is lost", what, name);
		}
		g_free(name);
	}
	store_destroy(instance);
}

static const char *const kind_names[] = { "write", "sync", "rename", "truncate" };

/* Returns whether there was such a call. */
static bool fail_nth(enum aof_fsync policy, enum call_kind kind, int error, int nth,
		     struct witness *witness)
{
	char *dir = harness_make_dir();
	char *what = g_strdup_printf("policy %d, %s %d fails with %s", policy, kind_names[kind],
				     nth, strerror(error));
	bool failed;

	*witness = (struct witness){ 0 };
	disk.kind = kind;
	disk.error = error;
	atomic_store(&disk.left, nth);
	serve_and_die(dir, policy, witness);
	atomic_store(&disk.left, 0);
	failed = witness->failures_left == 0;
	expect_acked(dir, witness, what);
	g_free(what);
	harness_remove_dir(dir);
	return failed;
}

/* Of the first 200 calls. */
static void fail_each_with(enum aof_fsync policy, int error, int first)
{
	int step = is_thorough() ? 1 : 41;
	struct witness *witness = mmap(NULL, sizeof(*witness), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int kind = 0; kind < CALL_MAX; kind++) {
		int nth = first;

		while (nth <= 200 && fail_nth(policy, (enum call_kind)kind, error, nth, witness)) {
			nth += nth < 10 && !is_thorough() ? 2 : step;
		}
		/* Under no the file is synced at the start, and when it is rewritten. */
		bool few = policy == AOF_FSYNC_NO && kind == CALL_SYNC;

		g_assert_cmpint(nth, >, is_thorough() && !few ? 200 : first);
	}
	munmap(witness, sizeof(*witness));
}

/* Both errors for each call, or by turns. */
static void fail_each(enum aof_fsync policy)
{
	fail_each_with(policy, EIO, 1);
	fail_each_with(policy, ENOSPC, is_thorough() ? 1 : 2);
}

static void always_loses_nothing_when_a_call_fails(void)
{
	fail_each(AOF_FSYNC_ALWAYS);
}

static void everysec_loses_nothing_when_a_call_fails(void)
{
	fail_each(AOF_FSYNC_EVERYSEC);
}

static void no_loses_nothing_when_a_call_fails(void)
{
	fail_each(AOF_FSYNC_NO);
}

static void a_failed_sync_under_always_is_the_end(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	disk.kind = CALL_SYNC;
	disk.error = EIO;
	atomic_store(&disk.left, 1);
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, -EIO);
	g_assert_true(aof_is_over(instance->aof));
	g_assert_false(store_run(instance, "SET c 3", 1));
	store_destroy(instance);
	g_assert_cmpint(instance_open(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	g_assert_cmpuint(instance->keyspace.db[0].count, ==, 1);
	store_destroy(instance);
	harness_remove_dir(dir);
}

/* Until nothing is under way; no tick syncs meanwhile. */
static void renew_until_done(struct instance *instance)
{
	struct aof_status status;

	do {
		aof_renew(instance->aof, 1000, 1000);
		aof_get_status(instance->aof, &status);
	} while (status.rewriting || status.rewrite_wanted);
}

/* Or the old file could come back with the power, without what was acknowledged since. */
static void a_rewritten_file_has_its_name_before_the_next_reply(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;
	struct aof_status status;
	unsigned before;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	before = atomic_load(&disk.folder_syncs);
	aof_rewrite_soon(instance->aof);
	renew_until_done(instance);
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
	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
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
	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	aof_rewrite_soon(instance->aof);
	renew_until_done(instance);
	disk.names_cannot = false;
	expect_rewritten(dir, instance, "0 a=1@0");
	harness_remove_dir(dir);
}

static void a_file_that_was_left_beside_is_in_no_rewrite_s_way(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file.rewrite", NULL);
	struct instance *instance;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_true(g_file_set_contents(file, "*1\r\n", -1, NULL));
	aof_rewrite_soon(instance->aof);
	renew_until_done(instance);
	expect_rewritten(dir, instance, "0 a=1@0");
	g_free(file);
	harness_remove_dir(dir);
}

#define MIB (1024 * 1024)

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
	aof_rewrite_soon(instance->aof);
	sem_init(&disk.came, 0, 0);
	sem_init(&disk.may_go, 0, 0);
	sem_init(&disk.went, 0, 0);
	disk.gated = true;
	do {
		atomic_store(&disk.written, 0);
		aof_renew(instance->aof, 1000, 1000);
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
	char *value = g_strnfill(MIB, 'v'), *request = g_strdup_printf("SET a %s", value);

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
	aof_renew(instance->aof, 1000, 1000);
}

/* What the thread has not copied, as more comes all the time, the loop copies a bit at a time. */
static void a_rewrite_that_is_late_stops_the_loop_for_a_bit_at_a_time(void)
{
	char *dir = harness_make_dir(), *value = g_strnfill(MIB, 'v');
	char *expected = g_strdup_printf("0 a=%s@0", value);
	struct instance *instance;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
	g_assert_cmpuint(rewrite_too_slowly(instance, log_some_that_is_seen), <=, MIB);
	expect_rewritten(dir, instance, expected);
	g_free(expected);
	g_free(value);
	harness_remove_dir(dir);
}

static void await_sync(struct instance *instance)
{
	struct aof_status status;

	do {
		aof_get_status(instance->aof, &status);
	} while (status.syncing);
}

static void log_some_for_a_second(struct instance *instance)
{
	static int64_t now_ms = 2000;

	log_some(instance);
	aof_tick(instance->aof, now_ms += 1000);
	await_sync(instance);
}

/* Or the new file would never have on the disk what the old one has. */
static void a_rewrite_that_is_late_holds_syncs_back_and_ends(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	rewrite_too_slowly(instance, log_some_for_a_second);
	store_destroy(instance);
	harness_remove_dir(dir);
}

static void a_late_rewrite_under_always_is_synced_when_it_takes_over(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;
	struct aof *aof;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	aof = instance->aof;
	forget_syncs();
	rewrite_too_slowly(instance, log_some);
	g_assert_cmpuint(aof->synced, ==, aof->log.size);
	g_assert_cmpuint(disk.synced[aof->log.fd], ==, aof->log.size);
	store_destroy(instance);
	harness_remove_dir(dir);
}

static bool anything_is_synced(void)
{
	for (int fd = 0; fd < FDS_MAX; fd++) {
		if (disk.synced[fd] > 0) {
			return true;
		}
	}
	return false;
}

/* Some file systems cannot, and say so. */
static void a_folder_that_cannot_be_synced_is_no_error(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;

	disk.folders_cannot = true;
	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	aof_rewrite_soon(instance->aof);
	renew_until_done(instance);
	aof_tick(instance->aof, 2000);
	await_sync(instance);
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

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	disk.kind = CALL_SYNC;
	disk.error = EIO;
	atomic_store(&disk.left, 1);
	aof_tick(instance->aof, 2000);
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	await_sync(instance);
	forget_syncs();
	store_destroy(instance);
	g_assert_nonnull(strstr(store_log->str, "cannot sync: Input/output error"));
	for (int fd = 0; fd < FDS_MAX; fd++) {
		g_assert_cmpint(disk.synced[fd], ==, 0);
	}
	harness_remove_dir(dir);
}

static void log_much(struct instance *instance)
{
	char *value = g_strnfill(MIB, 'v');

	for (int i = 0; i < 33; i++) {
		char *request = g_strdup_printf("SET k%d %s", i, value);

		store_run(instance, request, 1);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		g_free(request);
	}
	g_free(value);
}

/* Else the loader, whose buffer may be of 512 MB, would move the rest of it for each. */
static void large_requests_of_a_file_are_run_in_one_go(void)
{
	char *dir = harness_make_dir(), *value = g_strnfill(MIB, 'v');
	GString *wire = g_string_new("");
	static const struct reply_terms terms;
	struct reply reply = { .resp.hooks = &reply_hooks, .terms = &terms };
	struct instance *instance;
	struct batch_result result;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
	for (int i = 0; i < 3; i++) {
		g_string_append_printf(wire, "*3\r\n$3\r\nSET\r\n$1\r\n%d\r\n$%d\r\n%s\r\n", i, MIB,
				       value);
	}
	struct call call = { .instance = instance, .reply = &reply.resp };
	result = batch_run(&instance->batch, &call, wire->str, wire->len);
	g_assert_cmpuint(result.used, ==, wire->len);
	store_destroy(instance);
	g_string_free(wire, TRUE);
	g_free(value);
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
	if (fs.f_bavail * fs.f_frsize < (uint64_t)3 * 1024 * MIB ||
	    fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 128 * MIB) < 0 || room_behind(file) < 128 * MIB) {
		harness_skip("this file system cannot set room aside, or has not enough");
	}
	g_assert_cmpint(ftruncate(fd, 0), ==, 0);
	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	log_much(instance);
	aof_tick(instance->aof, 1);
	await_sync(instance);
	g_assert_cmpint(room_behind(file), >, 100 * MIB);
	aof_tick(instance->aof, 1001);
	g_assert_cmpint(room_behind(file), <, MIB);
	log_much(instance);
	aof_tick(instance->aof, 1002);
	await_sync(instance);
	g_assert_cmpint(room_behind(file), >, 100 * MIB);
	store_destroy(instance);
	g_assert_cmpint(room_behind(file), <, MIB);
	/* As a process leaves it that is killed. */
	g_assert_cmpint(fallocate(fd, FALLOC_FL_KEEP_SIZE, 64 * MIB, 64 * MIB), ==, 0);
	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
	g_assert_cmpint(room_behind(file), <, MIB);
	store_destroy(instance);
	close(fd);
	g_free(file);
	harness_remove_dir(dir);
}

static void a_rewritten_file_has_no_room_ahead(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	struct instance *instance;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
	log_much(instance);
	rewrite(instance, 1000);
	await_sync(instance);
	g_assert_cmpint(room_behind(file), <, MIB);
	store_destroy(instance);
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

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	aof = instance->aof;
	for (int i = 1; i < 4; i++) {
		log_much(instance);
		size[i] = aof->log.size;
		if (i == 3) {
			aof_rewrite_soon(aof);
			aof_renew(aof, 1, 1);
		}
		aof_tick(aof, 1);
		await_sync(instance);
		g_assert_cmpuint(disk.synced[aof->log.fd], ==, size[i]);
		g_assert_cmpuint(disk.dropped_to, ==, size[i < 3 ? i - 1 : 1]);
	}
	renew_until_done(instance);
	store_destroy(instance);
	disk.dropped_to = 0;
	harness_remove_dir(dir);
}

static void a_rewrite_ends_though_every_turn_has_something_to_log(void)
{
	char *dir = harness_make_dir(), *expected;
	struct aof_status status;
	struct instance *instance;
	int n = 0;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	aof_rewrite_soon(instance->aof);
	do {
		store_run(instance, "INCR n", 1);
		n++;
		aof_renew(instance->aof, 1000, 1000);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		aof_get_status(instance->aof, &status);
	} while (status.rewrites == 0);
	renew_until_done(instance);
	expected = g_strdup_printf("0 n=%d@0", n);
	expect_rewritten(dir, instance, expected);
	g_free(expected);
	harness_remove_dir(dir);
}

static void a_policy_that_is_set_holds_from_the_next_commit_on(void)
{
	char *dir = harness_make_dir();
	struct instance *instance;
	struct aof *aof;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
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

		g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
		store_run(instance, "SET a 1", 1);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		instance->settings.aof.fsync = AOF_FSYNC_ALWAYS;
		disk.kind = i == 0 ? CALL_SYNC : CALL_WRITE;
		disk.error = errors[i];
		atomic_store(&disk.left, 1);
		store_run(instance, "SET b 2", 1);
		g_assert_cmpint(aof_commit(instance->aof), ==, -errors[i]);
		g_assert_false(aof_is_over(instance->aof));
		aof_tick(instance->aof, 2000);
		renew_until_done(instance);
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		g_assert_true(aof_is_always(instance->aof));
		store_destroy(instance);
		g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
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

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	aof = instance->aof;
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(aof), ==, 0);
	disk.kind = CALL_SYNC;
	disk.error = EIO;
	atomic_store(&disk.left, 1);
	aof_tick(aof, 2000);
	instance->settings.aof.fsync = AOF_FSYNC_ALWAYS;
	aof_commit(aof);
	g_assert_cmpint(aof_error(aof), ==, EIO);
	g_assert_false(aof_is_over(aof));
	renew_until_done(instance);
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(aof), ==, 0);
	g_assert_cmpuint(disk.synced[aof->log.fd], ==, aof->log.size);
	store_destroy(instance);
	harness_remove_dir(dir);
}

/* The old file had it on the disk; power that fails just behind the switch must not take it. */
static void what_was_synced_stays_so_when_the_rewritten_file_takes_over(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	struct instance *instance;
	struct stat st;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	aof_rewrite_soon(instance->aof);
	forget_syncs();
	while (aof_renew(instance->aof, 1000, 1000)) {
	}
	while (!anything_is_synced()) { /* by the thread */
		g_usleep(1000);
	}
	store_run(instance, "SET b 2", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	aof_tick(instance->aof, 2000);
	await_sync(instance);
	renew_until_done(instance);
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

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_ALWAYS, &instance), ==, 0);
	store_run(instance, "SET a 1", 1);
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	forget_syncs();
	aof_rewrite_soon(instance->aof);
	while (aof_renew(instance->aof, 1000, 1000)) {
	}
	while (!anything_is_synced()) { /* by the thread */
		g_usleep(1000);
	}
	store_run(instance, request, 1);
	renew_until_done(instance);
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

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
	add_large_keys(instance);
	disk.kind = CALL_WRITE;
	disk.error = ENOSPC;
	atomic_store(&disk.left, nth);
	rewrite(instance, 1000);
	failed = atomic_load(&disk.left) == 0;
	atomic_store(&disk.left, 0);
	store_destroy(instance);
	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
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
	g_assert_cmpint(nth, >, LARGE_KEYS * LARGE_LEN / MIB);
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

static bool is_rewriting(struct instance *instance, int64_t now_ms)
{
	aof_renew(instance->aof, now_ms, now_ms);
	return aof_is_rewriting(instance->aof);
}

static void growth_waits_after_a_rewrite_that_took_long(void)
{
	const int64_t took_ms = 1000;
	char *dir = harness_make_dir();
	struct instance *instance;
	int64_t end_ms = 1 + took_ms;

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_NO, &instance), ==, 0);
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

	g_assert_cmpint(instance_open(dir, AOF_FSYNC_EVERYSEC, &instance), ==, 0);
	store_run(instance, "INCR n", 1);
	aof_rewrite_soon(instance->aof);
	for (int i = 0; i < 50; i++) {
		aof_renew(instance->aof, 1000, 1000);
		g_usleep(1000);
	}
	g_assert_cmpint(aof_commit(instance->aof), ==, 0);
	renew_until_done(instance);
	expect_rewritten(dir, instance, "0 n=1@0");
	harness_remove_dir(dir);
}

static void set_up(void)
{
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/aof");
	harness_set_up(set_up);
	harness_add_slow("/a-file-cut-at-any-byte-is-its-whole-prefix",
			 a_file_cut_at_any_byte_is_its_whole_prefix, 300);
	harness_add_slow("/zeros-behind-a-cut-make-no-difference",
			 zeros_behind_a_cut_make_no_difference, 3600);
	harness_add("/cuts-are-kept-and-their-number-is-bounded",
		    cuts_are_kept_and_their_number_is_bounded);
	harness_add("/nothing-is-cut-that-cannot-be-kept", nothing_is_cut_that_cannot_be_kept);
	harness_add("/a-failed-sync-under-always-is-the-end",
		    a_failed_sync_under_always_is_the_end);
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
	harness_add("/large-requests-of-a-file-are-run-in-one-go",
		    large_requests_of_a_file_are_run_in_one_go);
	harness_add("/a-rewritten-file-has-no-room-ahead", a_rewritten_file_has_no_room_ahead);
	harness_add("/a-sync-that-fails-as-always-begins-cuts-nothing-off",
		    a_sync_that_fails_as_always_begins_cuts_nothing_off);
	harness_add("/a-rewrite-that-is-late-stops-the-loop-for-a-bit-at-a-time",
		    a_rewrite_that_is_late_stops_the_loop_for_a_bit_at_a_time);
	harness_add("/a-rewrite-ends-though-every-turn-has-something-to-log",
		    a_rewrite_ends_though_every_turn_has_something_to_log);
	harness_add("/everysec-syncs-a-log-that-grows-fast-sooner",
		    everysec_syncs_a_log_that_grows_fast_sooner);
	harness_add("/a-log-that-grows-fast-has-room-ahead-while-it-is-open",
		    a_log_that_grows_fast_has_room_ahead_while_it_is_open);
	harness_add("/a-policy-that-is-set-holds-from-the-next-commit-on",
		    a_policy_that_is_set_holds_from_the_next_commit_on);
	harness_add("/a-broken-file-keeps-its-policy", a_broken_file_keeps_its_policy);
	harness_add("/growth-waits-after-a-rewrite-that-took-long",
		    growth_waits_after_a_rewrite_that_took_long);
	harness_add("/a-folder-that-cannot-be-synced-is-no-error",
		    a_folder_that_cannot_be_synced_is_no_error);
	harness_add("/a-sync-that-fails-at-the-end-is-told-and-not-tried-again",
		    a_sync_that_fails_at_the_end_is_told_and_not_tried_again);
	harness_add("/what-was-synced-stays-so-when-the-rewritten-file-takes-over",
		    what_was_synced_stays_so_when_the_rewritten_file_takes_over);
	harness_add("/what-a-turn-wrote-before-the-switch-is-synced-before-its-reply",
		    what_a_turn_wrote_before_the_switch_is_synced_before_its_reply);
	harness_add("/a-rewrite-in-which-one-write-fails-loses-nothing",
		    a_rewrite_in_which_one_write_fails_loses_nothing);
	harness_add("/nothing-is-written-behind-what-is-lost",
		    nothing_is_written_behind_what_is_lost);
	harness_add("/what-a-rewrite-has-seen-is-not-done-twice",
		    what_a_rewrite_has_seen_is_not_done_twice);
	harness_add_slow("/always-loses-nothing-when-a-call-fails",
			 always_loses_nothing_when_a_call_fails, 3600);
	harness_add_slow("/everysec-loses-nothing-when-a-call-fails",
			 everysec_loses_nothing_when_a_call_fails, 3600);
	harness_add_slow("/no-loses-nothing-when-a-call-fails", no_loses_nothing_when_a_call_fails,
			 3600);
	return harness_run();
}
