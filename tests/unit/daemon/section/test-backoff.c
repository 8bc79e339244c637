/* SPDX-License-Identifier: MIT */
/*
 * How long a worker that died is waited for.
 */
#include "harness.h"
#include "section/backoff.h"

static void doubles(void)
{
	struct backoff backoff = { 0 };

	g_assert_cmpuint(backoff_next(&backoff, 0), ==, 100);
	g_assert_cmpuint(backoff_next(&backoff, 0), ==, 200);
	g_assert_cmpuint(backoff_next(&backoff, 59999), ==, 400);
}

static void has_an_end(void)
{
	struct backoff backoff = { 0 };

	for (int i = 0; i < 100; i++) {
		g_assert_cmpuint(backoff_next(&backoff, 0), <=, 30000);
	}
	g_assert_cmpuint(backoff_next(&backoff, 0), ==, 30000);
}

static void forgives(void)
{
	struct backoff backoff = { 0 };

	backoff_next(&backoff, 0);
	backoff_next(&backoff, 0);
	g_assert_cmpuint(backoff_next(&backoff, 60000), ==, 100);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/backoff/doubles", doubles);
	harness_add("/backoff/ends-at-30-s", has_an_end);
	harness_add("/backoff/a-minute-of-health-resets-it", forgives);
	return harness_run();
}
