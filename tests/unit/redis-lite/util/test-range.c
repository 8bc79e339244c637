/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "util/range.h"

#define MIB (UINT64_C(1024) * 1024)

static void ends_are_clamped_to_what_is_there(void)
{
	static const struct {
		int64_t first, last;
		uint64_t len;
		int64_t clamped_first, clamped_last;
	} rows[] = {
		{ 0, -1, 0, 0, -1 },
		{ 0, -1, 5, 0, 4 },
		{ 1, 2, 5, 1, 2 },
		{ -2, -1, 5, 3, 4 },
		{ -9, -1, 5, 0, 4 },
		{ -1, -2, 5, 0, -1 },
		{ 3, 2, 5, 0, -1 },
		{ 5, 9, 5, 0, -1 },
		{ 2, 9, 5, 2, 4 },
		{ -9, -8, 5, 0, 0 },
		{ INT64_MIN, INT64_MAX, 5, 0, 4 },
		{ INT64_MAX, INT64_MAX, 5, 0, -1 },
		{ INT64_MIN, INT64_MIN, 5, 0, 0 },
		/* The bits of the largest value: one more than 32 bits count. */
		{ 0, -1, 4096 * MIB, 0, UINT32_MAX },
		{ -8, -1, 4096 * MIB, INT64_C(4294967288), UINT32_MAX },
		{ INT64_C(4294967296), -1, 4096 * MIB, 0, -1 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct range range = { rows[i].first, rows[i].last };

		range = range_clamp(range, rows[i].len);
		g_assert_cmpint(range.first, ==, rows[i].clamped_first);
		g_assert_cmpint(range.last, ==, rows[i].clamped_last);
	}
}

static void what_ends_before_it_begins_is_known_without_a_length(void)
{
	g_assert_true(range_is_backward((struct range){ -1, -2 }));
	g_assert_false(range_is_backward((struct range){ -2, -1 }));
	g_assert_false(range_is_backward((struct range){ -1, -1 }));
	g_assert_false(range_is_backward((struct range){ 2, 1 }));
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/range/ends-are-clamped-to-what-is-there", ends_are_clamped_to_what_is_there);
	harness_add("/range/what-ends-before-it-begins-is-known-without-a-length",
		    what_ends_before_it_begins_is_known_without_a_length);
	return harness_run();
}
