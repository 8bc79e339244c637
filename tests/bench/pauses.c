/* SPDX-License-Identifier: MIT */
/*
 * The longest that anything waits for redis-lite's table: inserts while it grows, a flush and the steps
 * that give its memory back, and the end of a large value.
 *
 *     tests/bench/pauses [KEYS]
 *
 * Prints milliseconds by the clock, in which the machine's own pauses count, and of the thread's CPU
 * time, in which they do not.
 */
#include "store/keyspace.h"
#include "util/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define VALUE_LEN 64
#define LARGE_LEN ((size_t)512 * 1024 * 1024)

/* No client waits here, and no server is to be told. */
void work_check(struct work *work, size_t amount)
{
	(void)work;
	(void)amount;
}

/* Of one kind of thing done: how often, and the longest time. */
struct pauses {
	const char *what;
	unsigned long count;
	double wall_ms, cpu_ms;
};

struct moment {
	struct timespec wall, cpu;
};

static struct moment now(void)
{
	struct moment moment;

	clock_gettime(CLOCK_MONOTONIC, &moment.wall);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &moment.cpu);
	return moment;
}

static double ms_between(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) * 1e3 + (double)(b->tv_nsec - a->tv_nsec) / 1e6;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static void note(struct pauses *pauses, const struct moment *begin)
{
	struct moment end = now();

	pauses->count++;
	pauses->wall_ms = larger(pauses->wall_ms, ms_between(&begin->wall, &end.wall));
	pauses->cpu_ms = larger(pauses->cpu_ms, ms_between(&begin->cpu, &end.cpu));
}

static void print(const struct pauses *pauses)
{
	printf("%-28s %10lu times, at most %7.3f ms by the clock, %7.3f ms of CPU time\n",
	       pauses->what, pauses->count, pauses->wall_ms, pauses->cpu_ms);
}

static void grow(struct keyspace *keyspace, unsigned long keys)
{
	static const char value[VALUE_LEN] = "";
	struct pauses inserts = { .what = "insert" };

	for (unsigned long i = 0; i < keys; i++) {
		char name[32];
		int len = snprintf(name, sizeof(name), "key:%012lu", i);
		struct moment begin = now();
		struct key key = keyspace_key(keyspace, name, (size_t)len);

		if (keyspace_set(keyspace, 0, &key, value, sizeof(value), 0) < 0) {
			exit(1);
		}
		note(&inserts, &begin);
	}
	print(&inserts);
}

static void reclaim(struct keyspace *keyspace, const char *what)
{
	struct pauses steps = { .what = what };
	bool more = true;

	while (more) {
		struct moment begin = now();

		more = keyspace_reclaim(keyspace);
		note(&steps, &begin);
	}
	print(&steps);
}

static void flush(struct keyspace *keyspace)
{
	struct pauses flushes = { .what = "flush" };
	struct moment begin = now();

	keyspace_flush(keyspace, 0);
	note(&flushes, &begin);
	print(&flushes);
	reclaim(keyspace, "step behind a flush");
}

static void remove_large(struct keyspace *keyspace)
{
	struct pauses removals = { .what = "removal of 512 MB" };
	struct key key = keyspace_key(keyspace, "large", 5);
	char *value = keyspace_extend(keyspace, 0, &key, LARGE_LEN);
	struct moment begin;

	if (!value) {
		exit(1);
	}
	memset(value, 'v', LARGE_LEN);
	begin = now();
	keyspace_remove(keyspace, 0, &key, 0);
	note(&removals, &begin);
	print(&removals);
	reclaim(keyspace, "step behind that");
}

int main(int argc, char **argv)
{
	static struct keyspace keyspace;

	keyspace_init(&keyspace, 1);
	grow(&keyspace, argc > 1 ? strtoul(argv[1], NULL, 10) : 10000000);
	flush(&keyspace);
	remove_large(&keyspace);
	keyspace_finish(&keyspace);
	return 0;
}
