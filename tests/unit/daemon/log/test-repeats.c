/* SPDX-License-Identifier: MIT */
#include "log/repeats.h"

#include "harness.h"

#include <string.h>

static unsigned admit(struct repeats *repeats, const char *text, unsigned times, int64_t now_ms)
{
	unsigned admitted = 0;

	for (unsigned i = 0; i < times; i++) {
		admitted += repeats_admit(repeats, SHINY_LOG_NOTICE, text, now_ms);
	}
	return admitted;
}

static void admits_a_few(void)
{
	struct repeats repeats = { 0 };

	g_assert_cmpuint(admit(&repeats, "a", 100, 5), ==, REPEATS_ADMITTED);
	g_assert_cmpuint(admit(&repeats, "b", 100, 5), ==, REPEATS_ADMITTED);
	g_assert_cmpuint(admit(&repeats, "a", 1, 5 + REPEATS_WINDOW_MS), ==, 1);
}

/* A log of the test's own. */
struct log {
	char *dir, *path;
};

static void log_begin(struct log *log)
{
	log->dir = harness_make_dir();
	log->path = g_build_filename(log->dir, "log", NULL);
	g_assert_cmpint(log_open(log->path), ==, 0);
}

/* What came after the time and the program's name, with newlines. */
static void log_end(struct log *log, const char *expected)
{
	GString *got = g_string_new(NULL);
	char *text, **lines;

	log_close();
	g_assert_true(g_file_get_contents(log->path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (size_t i = 0; *lines[i] != '\0'; i++) {
		g_string_append_printf(got, "%s\n",
				       strstr(lines[i], "shinyd: ") + strlen("shinyd: "));
	}
	g_assert_cmpstr(got->str, ==, expected);
	g_strfreev(lines);
	g_free(text);
	g_string_free(got, TRUE);
	g_free(log->path);
	harness_remove_dir(log->dir);
}

static void tells_what_it_left_out(void)
{
	struct repeats repeats = { 0 };
	struct log log;

	log_begin(&log);
	g_assert_cmpint(repeats_timeout(&repeats), ==, INT64_MAX);
	admit(&repeats, "b", 11, 7);
	admit(&repeats, "a", 100, 5);
	admit(&repeats, "c", REPEATS_ADMITTED, 7);
	g_assert_cmpint(repeats_timeout(&repeats), ==, 5 + REPEATS_WINDOW_MS);
	repeats_tell(&repeats, 4 + REPEATS_WINDOW_MS);
	repeats_tell(&repeats, 5 + REPEATS_WINDOW_MS);
	g_assert_cmpint(repeats_timeout(&repeats), ==, 7 + REPEATS_WINDOW_MS);
	repeats_tell(&repeats, INT64_MAX);
	repeats_tell(&repeats, INT64_MAX);
	g_assert_cmpint(repeats_timeout(&repeats), ==, INT64_MAX);
	log_end(&log, "a (90 more such lines were left out)\n"
		      "b (1 more such lines were left out)\n");
}

/* It has no row any more when its time ends. */
static void tells_of_a_line_that_makes_room(void)
{
	struct repeats repeats = { 0 };
	char text[16];
	struct log log;

	log_begin(&log);
	admit(&repeats, "a", 100, 5);
	for (unsigned i = 0; i < 1000; i++) {
		g_snprintf(text, sizeof(text), "%u", i);
		g_assert_cmpuint(admit(&repeats, text, 1, 5), ==, 1);
	}
	repeats_tell(&repeats, INT64_MAX);
	log_end(&log, "a (90 more such lines were left out)\n");
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
	harness_add("/repeats/tells-what-it-left-out", tells_what_it_left_out);
	harness_add("/repeats/a-line-that-makes-room-is-told-of", tells_of_a_line_that_makes_room);
	harness_add("/repeats/new-lines-are-never-left-out", never_keeps_new_lines);
	return harness_run();
}
