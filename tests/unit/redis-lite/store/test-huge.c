/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "store/heap.h"
#include "store/huge.h"
#include "store/keyspace.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static bool is_resident(const void *p, size_t size)
{
	unsigned char pages[HUGE_SIZE / 4096];
	size_t count = size / (size_t)sysconf(_SC_PAGESIZE);

	g_assert_cmpint(mincore((void *)(uintptr_t)p, size, pages), ==, 0);
	for (size_t i = 0; i < count; i++) {
		if (!(pages[i] & 1)) {
			return false;
		}
	}
	return true;
}

static void large_mappings_are_aligned(void)
{
	for (size_t size = 4096; size <= 4 * HUGE_SIZE; size *= 2) {
		char *p = huge_map(size);

		g_assert_nonnull(p);
		g_assert_cmpuint((uintptr_t)p % (size < HUGE_SIZE ? 4096 : HUGE_SIZE), ==, 0);
		p[0] = p[size - 1] = 1;
		g_assert_cmpint(munmap(p, size), ==, 0);
	}
}

static void what_is_prepared_becomes_resident(void)
{
	struct huge_maker maker = { 0 };
	char *p = huge_map(2 * HUGE_SIZE);

	g_assert_false(is_resident(p, HUGE_SIZE));
	huge_prepare(&maker, p);
	while (!is_resident(p, HUGE_SIZE)) {
		g_usleep(1000);
	}
	g_assert_false(is_resident(p + HUGE_SIZE, HUGE_SIZE));
	huge_finish(&maker);
	munmap(p, 2 * HUGE_SIZE);
}

/* Asking for more than the queue holds, and for what has gone meanwhile, does no harm. */
static void the_queue_may_overflow(void)
{
	struct huge_maker maker = { 0 };
	char *p = huge_map(HUGE_SIZE);

	for (unsigned i = 0; i < 4 * HUGE_QUEUE; i++) {
		huge_prepare(&maker, p);
	}
	munmap(p, HUGE_SIZE);
	huge_finish(&maker);
}

/* Bytes that the process has mapped. */
static size_t mapped(void)
{
	size_t pages = 0;
	char *text = NULL;

	g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
	g_assert_cmpint(sscanf(text, "%zu", &pages), ==, 1);
	g_free(text);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Keys enough for several segments of huge pages, and for the next one to be mapped ahead. */
static void fill_and_empty(void)
{
	struct keyspace keyspace;
	char name[32];

	keyspace_init(&keyspace, 1);
	for (int i = 0; i < 500000; i++) {
		int len = g_snprintf(name, sizeof(name), "key:%d", i);
		struct key key = keyspace_key(&keyspace, name, (size_t)len);

		g_assert_cmpint(keyspace_set(&keyspace, 0, &key, "value", 5, 0), ==, 0);
	}
	g_assert_true(keyspace.maker.started);
	g_assert_nonnull(keyspace.heap.next_region);
	keyspace_flush(&keyspace, 0);
	while (keyspace_reclaim(&keyspace)) {
	}
	/* What is kept for the next keys: an empty region, and the one mapped ahead. */
	g_assert_cmpuint(keyspace_memory(&keyspace), <=, 2 * HUGE_SIZE);
	keyspace_finish(&keyspace);
	g_assert_cmpuint(keyspace_memory(&keyspace), ==, 0);
}

static void a_large_keyspace_gives_all_back(void)
{
	size_t before;

	fill_and_empty(); /* what the C library keeps of threads and files is there from now on */
	before = mapped();
	fill_and_empty();
	g_assert_cmpuint(mapped(), <, before + HUGE_SIZE);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/huge/large-mappings-are-aligned", large_mappings_are_aligned);
	harness_add("/huge/what-is-prepared-becomes-resident", what_is_prepared_becomes_resident);
	harness_add("/huge/the-queue-may-overflow", the_queue_may_overflow);
	harness_add("/huge/a-large-keyspace-gives-all-back", a_large_keyspace_gives_all_back);
	return harness_run();
}
