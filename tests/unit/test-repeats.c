/* SPDX-License-Identifier: MIT */
#include "repeats.h"

#include "harness.h"

static unsigned admit(struct repeats *repeats, const char *text, unsigned times, int64_t now_ms)
{
	unsigned admitted = 0, left_out;

	for (unsigned i = 0; i < times; i++) {
		admitted += repeats_admit(repeats, text, now_ms, &left_out);
	}
	return admitted;
}

static void admits_a_few(void)
{
	struct repeats repeats = { 0 };

	g_assert_cmpuint(admit(&repeats, "a", 100, 5), ==, REPEATS_ADMITTED);
	g_assert_cmpuint(admit(&repeats, "b", 100, 5), ==, REPEATS_ADMITTED);
}

static void counts_what_it_left_out(void)
{
	struct repeats repeats = { 0 };
	unsigned left_out;

	admit(&repeats, "a", 100, 5);
	g_assert_true(repeats_admit(&repeats, "a", 5 + REPEATS_WINDOW_MS, &left_out));
	g_assert_cmpuint(left_out, ==, 100 - REPEATS_ADMITTED);
	g_assert_true(repeats_admit(&repeats, "a", 5 + REPEATS_WINDOW_MS, &left_out));
	g_assert_cmpuint(left_out, ==, 0);
}

static void never_keeps_new_lines(void)
{
	struct repeats repeats = { 0 };
	char text[16];

	for (unsigned i = 0; i < 10000; i++) {
		g_snprintf(text, sizeof(text), "%u", i);
		g_assert_cmpuint(admit(&repeats, text, 1, 5), ==, 1);
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/repeats/a-few-are-admitted", admits_a_few);
	harness_add("/repeats/counts-what-it-left-out", counts_what_it_left_out);
	harness_add("/repeats/new-lines-are-never-left-out", never_keeps_new_lines);
	return harness_run();
}
