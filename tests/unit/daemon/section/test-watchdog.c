/* SPDX-License-Identifier: MIT */
#include "section/watchdog.h"

#include "harness.h"

#include <unistd.h>

#define LIMIT_MS 10000

static void bites_at_the_limit(void)
{
	struct watchdog watchdog;

	watchdog_start(&watchdog, 7, 0);
	g_assert_false(watchdog_check(&watchdog, 7, LIMIT_MS, LIMIT_MS - 1));
	g_assert_true(watchdog_check(&watchdog, 7, LIMIT_MS, LIMIT_MS));
	g_assert_false(watchdog_check(&watchdog, 8, LIMIT_MS, LIMIT_MS + 1));
}

static void looks_late_do_no_harm(void)
{
	struct watchdog watchdog;

	/* Whoever looks was asleep, not the loop. */
	watchdog_start(&watchdog, 7, 0);
	g_assert_false(watchdog_check(&watchdog, 9, LIMIT_MS, 10 * LIMIT_MS));
}

static void zero_is_never(void)
{
	struct watchdog watchdog;

	watchdog_start(&watchdog, 7, 0);
	g_assert_false(watchdog_check(&watchdog, 7, 0, INT64_MAX / 2));
}

static void excuses(void)
{
	struct watchdog watchdog;

	watchdog_start(&watchdog, 7, 0);
	watchdog_reset(&watchdog, LIMIT_MS);
	g_assert_false(watchdog_check(&watchdog, 7, LIMIT_MS, 2 * LIMIT_MS - 1));
	g_assert_true(watchdog_check(&watchdog, 7, LIMIT_MS, 2 * LIMIT_MS));
}

static void looks_often_enough(void)
{
	struct watchdog watchdog;

	watchdog_start(&watchdog, 7, 0);
	watchdog_check(&watchdog, 8, LIMIT_MS, 5);
	g_assert_cmpint(watchdog.check_ms, ==, 5 + WATCHDOG_CHECK_MS);
	watchdog_check(&watchdog, 8, 800, 5);
	g_assert_cmpint(watchdog.check_ms, <=, 5 + 101);
}

/* Also after a load that said that it made progress. */
static void looks_early_for_the_first_turn(void)
{
	struct watchdog watchdog;

	watchdog_start(&watchdog, 3, 5);
	watchdog_check(&watchdog, 3, LIMIT_MS, 5);
	g_assert_cmpint(watchdog.check_ms, ==, 6);
	watchdog_check(&watchdog, 3, LIMIT_MS, 105);
	g_assert_cmpint(watchdog.check_ms, ==, 206);
	watchdog_check(&watchdog, 3, LIMIT_MS, 9005);
	g_assert_cmpint(watchdog.check_ms, ==, 9005 + WATCHDOG_CHECK_MS);
}

static void sees_no_tracer(void)
{
	g_assert_false(watchdog_traced(0)); /* no such process */
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/watchdog/bites-at-the-limit", bites_at_the_limit);
	harness_add("/watchdog/a-late-look-is-no-hang", looks_late_do_no_harm);
	harness_add("/watchdog/zero-is-never", zero_is_never);
	harness_add("/watchdog/an-excuse-starts-anew", excuses);
	harness_add("/watchdog/looks-often-enough", looks_often_enough);
	harness_add("/watchdog/looks-early-for-the-first-turn", looks_early_for_the_first_turn);
	harness_add("/watchdog/no-process-is-not-traced", sees_no_tracer);
	return harness_run();
}
