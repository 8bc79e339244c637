/* SPDX-License-Identifier: MIT */
/*
 * Each call to the disk fails once, in a process that is killed then: what was acknowledged is there
 * when the file is loaded.
 */
#include "aof/aof.h"
#include "harness.h"
#include "redis-lite/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Enough for 200 calls of each kind; each fifth is followed by a rewrite. */
#define TURNS 230

/* What a process saw acknowledged before it was killed. */
struct witness {
	bool acked[TURNS];
	bool done; /* it got to its end */
	bool over; /* since a file under always was broken */
	int failures_left;
};

/*
 * One request a turn of the loop, from one turn up to another; a second goes by in each, and the tick
 * comes before the commit. Where renames fail there is one in each turn.
 */
static void serve(struct instance *instance, struct witness *witness, int from, int to)
{
	int often = disk.kind == DISK_RENAME ? 1 : 5;
	int64_t now_ms = 1000;

	for (int i = from; i < to && !aof_has_failed(instance->aof); i++, now_ms += 1000) {
		char *request = g_strdup_printf("SET k%d v%d", i, i);
		bool taken = store_run(instance, request, 1);

		while (aof_rewrite_tick(instance->aof, now_ms, now_ms)) {
		}
		aof_tick(instance->aof, now_ms);
		if (i % often == often - 1 && !aof_error(instance->aof)) {
			store_rewrite(instance, now_ms);
		}
		witness->acked[i] = aof_commit(instance->aof) == 0 && taken;
		g_free(request);
	}
}

/* A thread may still find that a sync has failed; the disk recovers. */
static void recover(struct instance *instance, struct witness *witness)
{
	int64_t now_ms = 1000000;

	for (int i = 0; i < 50 && !aof_has_failed(instance->aof); i++, now_ms += 1000) {
		aof_tick(instance->aof, now_ms);
		aof_rewrite_tick(instance->aof, now_ms, now_ms);
		g_usleep(1000);
	}
	witness->over = aof_has_failed(instance->aof);
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
	int starts = disk.kind == DISK_TRUNCATE ? TURNS / 2 : 1, turns = TURNS / starts;
	struct instance *instance;
	bool is_torn = false;

	witness->done = true;
	for (int i = 0; i < starts; i++) {
		if (!is_torn) {
			append_torn(dir);
		}
		is_torn = disk_open_store(dir, policy, &instance) < 0;
		if (!is_torn) {
			serve(instance, witness, i * turns, (i + 1) * turns);
		}
		if (i + 1 < starts) {
			store_destroy(instance);
		} else if (!is_torn) {
			recover(instance, witness);
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

	if (disk_open_store(dir, AOF_FSYNC_NO, &instance) < 0) {
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
static bool fail_nth(enum aof_fsync policy, enum disk_call kind, int error, int nth,
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
	int step = disk_is_thorough() ? 1 : 41;
	struct witness *witness = mmap(NULL, sizeof(*witness), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (int kind = 0; kind < DISK_CALL_MAX; kind++) {
		int nth = first;

		while (nth <= 200 && fail_nth(policy, (enum disk_call)kind, error, nth, witness)) {
			nth += nth < 10 && !disk_is_thorough() ? 2 : step;
		}
		/* Under no the file is synced at the start, and when it is rewritten. */
		bool few = policy == AOF_FSYNC_NO && kind == DISK_SYNC;

		g_assert_cmpint(nth, >, disk_is_thorough() && !few ? 200 : first);
	}
	munmap(witness, sizeof(*witness));
}

/* Both errors for each call, or by turns. */
static void fail_each(enum aof_fsync policy)
{
	fail_each_with(policy, EIO, 1);
	fail_each_with(policy, ENOSPC, disk_is_thorough() ? 1 : 2);
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

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/aof-faults");
	harness_add_slow("/always-loses-nothing-when-a-call-fails",
			 always_loses_nothing_when_a_call_fails, 3600);
	harness_add_slow("/everysec-loses-nothing-when-a-call-fails",
			 everysec_loses_nothing_when_a_call_fails, 3600);
	harness_add_slow("/no-loses-nothing-when-a-call-fails", no_loses_nothing_when_a_call_fails,
			 3600);
	return harness_run();
}
