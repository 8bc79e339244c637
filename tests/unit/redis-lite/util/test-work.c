/* SPDX-License-Identifier: MIT */
/*
 * Slices of work, and bits, which are counted in pieces of it.
 */
#include "harness.h"
#include "util/bits.h"
#include "util/work.h"

static void little_work_reads_no_clock(void)
{
	struct work work = { 0 };

	work_begin(&work, NULL);
	for (size_t done = WORK_REQUEST; done < WORK_STEP; done += WORK_REQUEST) {
		work_add(&work, WORK_REQUEST);
	}
	g_assert_cmpint(work.began_ns, ==, 0);
	work_add(&work, WORK_REQUEST);
	g_assert_cmpint(work.began_ns, !=, 0);
	g_assert_false(work.over);
	work_begin(&work, NULL);
	g_assert_cmpint(work.began_ns, ==, 0);
	work_add(NULL, WORK_SLICE);
}

static void a_slice_ends_by_its_time(void)
{
	struct work work = { 0 };
	int64_t begin = g_get_monotonic_time();

	work_begin(&work, NULL);
	while (!work.over) {
		work_add(&work, WORK_STEP);
	}
	g_assert_cmpint(g_get_monotonic_time() - begin, >=, 1000);
	work_begin(&work, NULL);
	g_assert_false(work.over);
}

static void a_large_piece_ends_it_at_once(void)
{
	struct work work = { 0 };

	work_begin(&work, NULL);
	work_add(&work, WORK_SLICE - 1);
	g_assert_false(work.over);
	work_add(&work, WORK_SLICE);
	g_assert_true(work.over);
}

static int64_t count_plainly(const unsigned char *bytes, size_t len)
{
	int64_t count = 0;

	for (size_t i = 0; i < len; i++) {
		for (unsigned char byte = bytes[i]; byte; byte &= (unsigned char)(byte - 1)) {
			count++;
		}
	}
	return count;
}

static void every_bit_is_counted(void)
{
	const size_t size = 3 * 1024 * 1024;
	unsigned char *bytes = g_malloc(size);

	for (size_t len = 0; len < 600; len++) {
		memset(bytes, 0xff, len);
		g_assert_cmpint(bits_count((char *)bytes, len, NULL), ==, (int64_t)(8 * len));
	}
	for (size_t i = 0; i < size; i++) {
		bytes[i] = (unsigned char)g_test_rand_int();
	}
	for (size_t i = 0; i < 8; i++) {
		struct work work = { .left = SIZE_MAX };

		g_assert_cmpint(bits_count((char *)bytes + i, size - 3 * i, &work), ==,
				count_plainly(bytes + i, size - 3 * i));
		g_assert_cmpuint(SIZE_MAX - work.left, ==, size - 3 * i);
	}
	g_free(bytes);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/work-slice/little-work-reads-no-clock", little_work_reads_no_clock);
	harness_add("/work-slice/a-slice-ends-by-its-time", a_slice_ends_by_its_time);
	harness_add("/work-slice/a-large-piece-ends-it-at-once", a_large_piece_ends_it_at_once);
	harness_add("/bits/every-bit-is-counted", every_bit_is_counted);
	return harness_run();
}
