/* SPDX-License-Identifier: MIT */
#include "deadline.h"

#include "harness.h"

static void falls_due_on_its_tick(void)
{
	struct shiny_wheel wheel = { .now = 100 };
	struct shiny_deadline deadline = { .due = 0 };

	shiny_deadline_set(&wheel, &deadline, 105);
	shiny_wheel_advance(&wheel, 104);
	g_assert_null(shiny_wheel_take(&wheel));
	shiny_wheel_advance(&wheel, 105);
	g_assert_true(shiny_wheel_take(&wheel) == &deadline);
	g_assert_null(shiny_wheel_take(&wheel));
	g_assert_cmpuint(wheel.count, ==, 0);
}

static void earlier_replaces_later(void)
{
	struct shiny_wheel wheel = { .now = 0 };
	struct shiny_deadline deadline = { .due = 0 };

	shiny_deadline_set(&wheel, &deadline, 50);
	shiny_deadline_set(&wheel, &deadline, 90);
	g_assert_cmpuint(deadline.due, ==, 50);
	shiny_deadline_set(&wheel, &deadline, 10);
	g_assert_cmpuint(deadline.due, ==, 10);
	g_assert_cmpuint(wheel.count, ==, 1);
	shiny_deadline_clear(&wheel, &deadline);
	shiny_deadline_clear(&wheel, &deadline);
	g_assert_cmpuint(wheel.count, ==, 0);
}

static void one_too_far_falls_due_early(void)
{
	struct shiny_wheel wheel = { .now = 7 };
	struct shiny_deadline deadline = { .due = 0 };

	shiny_deadline_set(&wheel, &deadline, UINT32_MAX);
	g_assert_cmpuint(deadline.due, ==, 7 + SHINY_WHEEL_SIZE - 1);
}

static void past_falls_due_next(void)
{
	struct shiny_wheel wheel = { .now = 7 };
	struct shiny_deadline deadline = { .due = 0 };

	shiny_deadline_set(&wheel, &deadline, 3);
	shiny_wheel_advance(&wheel, 8);
	g_assert_true(shiny_wheel_take(&wheel) == &deadline);
}

static void a_long_sleep_misses_none(void)
{
	struct shiny_wheel wheel = { .now = 0 };
	struct shiny_deadline deadlines[SHINY_WHEEL_SIZE - 1] = { 0 };
	unsigned taken = 0;

	for (uint32_t i = 0; i < G_N_ELEMENTS(deadlines); i++) {
		shiny_deadline_set(&wheel, &deadlines[i], i + 1);
	}
	shiny_wheel_advance(&wheel, 1000000);
	while (shiny_wheel_take(&wheel)) {
		taken++;
	}
	g_assert_cmpuint(taken, ==, G_N_ELEMENTS(deadlines));
}

static void one_set_while_taking_waits(void)
{
	struct shiny_wheel wheel = { .now = 0 };
	struct shiny_deadline deadline = { .due = 0 };

	shiny_deadline_set(&wheel, &deadline, 1);
	shiny_wheel_advance(&wheel, 1);
	g_assert_true(shiny_wheel_take(&wheel) == &deadline);
	shiny_deadline_set(&wheel, &deadline, 1);
	g_assert_null(shiny_wheel_take(&wheel));
	shiny_wheel_advance(&wheel, 2);
	g_assert_true(shiny_wheel_take(&wheel) == &deadline);
}

static void one_due_can_be_cleared(void)
{
	struct shiny_wheel wheel = { .now = 0 };
	struct shiny_deadline deadlines[2] = { 0 };

	shiny_deadline_set(&wheel, &deadlines[0], 1);
	shiny_deadline_set(&wheel, &deadlines[1], 1);
	shiny_wheel_advance(&wheel, 1);
	struct shiny_deadline *first = shiny_wheel_take(&wheel);
	shiny_deadline_clear(&wheel, first == &deadlines[0] ? &deadlines[1] : &deadlines[0]);
	g_assert_null(shiny_wheel_take(&wheel));
}

static void tells_how_far_the_next_is(void)
{
	struct shiny_wheel wheel = { .now = SHINY_WHEEL_SIZE - 2 };
	struct shiny_deadline deadline = { .due = 0 };

	g_assert_cmpuint(shiny_wheel_next(&wheel, 20), ==, 20);
	shiny_deadline_set(&wheel, &deadline, wheel.now + 5);
	g_assert_cmpuint(shiny_wheel_next(&wheel, 20), ==, 5);
	g_assert_cmpuint(shiny_wheel_next(&wheel, 3), ==, 3);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/deadline/falls-due-on-its-tick", falls_due_on_its_tick);
	harness_add("/deadline/earlier-replaces-later", earlier_replaces_later);
	harness_add("/deadline/too-far-falls-due-early", one_too_far_falls_due_early);
	harness_add("/deadline/past-falls-due-next", past_falls_due_next);
	harness_add("/deadline/a-long-sleep-misses-none", a_long_sleep_misses_none);
	harness_add("/deadline/set-while-taking-waits", one_set_while_taking_waits);
	harness_add("/deadline/due-can-be-cleared", one_due_can_be_cleared);
	harness_add("/deadline/tells-how-far-the-next-is", tells_how_far_the_next_is);
	return harness_run();
}
