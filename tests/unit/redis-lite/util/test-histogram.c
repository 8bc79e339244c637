/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "util/histogram.h"

/* What redis-server 7.0.15 prints for calls that took 5, 21, 38 and 131 us. */
static void times_are_told_as_redis_does(void)
{
	static const struct {
		int64_t ns, told;
	} rows[] = {
		{ 1, 1 },	    { 255, 255 },
		{ 256, 257 },	    { 5000, 5023 },
		{ 21000, 21119 },   { 38000, 38143 },
		{ 131000, 131071 }, { HISTOGRAM_MAX, 1002438655 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct histogram *histogram = g_new0(struct histogram, 1);

		histogram_add(histogram, rows[i].ns, 1);
		g_assert_cmpint(histogram_percentile(histogram, 50), ==, rows[i].told);
		g_assert_cmpint(histogram_percentile(histogram, 100), ==, rows[i].told);
		g_free(histogram);
	}
}

static void percentiles_are_of_all_that_was_added(void)
{
	struct histogram *histogram = g_new0(struct histogram, 1);

	g_assert_cmpint(histogram_percentile(histogram, 99), ==, 0);
	histogram_add(histogram, 10, 900);
	histogram_add(histogram, 100, 99);
	histogram_add(histogram, 200, 1);
	g_assert_cmpint(histogram_percentile(histogram, 0), ==, 10);
	g_assert_cmpint(histogram_percentile(histogram, 50), ==, 10);
	g_assert_cmpint(histogram_percentile(histogram, 90), ==, 10);
	g_assert_cmpint(histogram_percentile(histogram, 99), ==, 100);
	g_assert_cmpint(histogram_percentile(histogram, 99.9), ==, 100);
	g_assert_cmpint(histogram_percentile(histogram, 100), ==, 200);
	g_free(histogram);
}

static void what_is_out_of_range_counts_as_the_nearest(void)
{
	struct histogram *histogram = g_new0(struct histogram, 1);
	int64_t limit;

	histogram_add(histogram, -5, 1);
	histogram_add(histogram, 0, 1);
	histogram_add(histogram, INT64_MAX, 1);
	g_assert_cmpuint(histogram_below(histogram, 1, &limit), ==, 2);
	g_assert_cmpuint(histogram_below(histogram, HISTOGRAM_MAX, &limit), ==, 3);
	g_free(histogram);
}

static void a_limit_counts_what_shares_its_counter(void)
{
	struct histogram *histogram = g_new0(struct histogram, 1);
	int64_t limit;

	histogram_add(histogram, 8000, 2);
	histogram_add(histogram, 8200, 3);
	histogram_add(histogram, 8256, 5);
	g_assert_cmpuint(histogram_below(histogram, 8192, &limit), ==, 5);
	g_assert_cmpint(limit, ==, 8255);
	g_free(histogram);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/histogram/times-are-told-as-redis-does", times_are_told_as_redis_does);
	harness_add("/histogram/percentiles-are-of-all-that-was-added",
		    percentiles_are_of_all_that_was_added);
	harness_add("/histogram/what-is-out-of-range-counts-as-the-nearest",
		    what_is_out_of_range_counts_as_the_nearest);
	harness_add("/histogram/a-limit-counts-what-shares-its-counter",
		    a_limit_counts_what_shares_its_counter);
	return harness_run();
}
