/* SPDX-License-Identifier: MIT */
#include "log/log-limit.h"

#include "harness.h"

#include <string.h>

static unsigned admit(struct log_limit *limit, const char *text, unsigned times, int64_t now_ms)
{
	unsigned admitted = 0;

	for (unsigned i = 0; i < times; i++) {
		admitted += log_limit_admit(limit, SHINY_LOG_NOTICE, text, now_ms);
	}
	return admitted;
}

static void admits_a_few(void)
{
	struct log_limit limit = { 0 };

	g_assert_cmpuint(admit(&limit, "a", 100, 5), ==, LOG_LIMIT_BURST);
	g_assert_cmpuint(admit(&limit, "b", 100, 5), ==, LOG_LIMIT_BURST);
	g_assert_cmpuint(admit(&limit, "a", 1, 5 + LOG_LIMIT_INTERVAL_MS), ==, 1);
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
	struct log_limit limit = { 0 };
	struct log log;

	log_begin(&log);
	g_assert_cmpint(log_limit_timeout(&limit), ==, INT64_MAX);
	admit(&limit, "b", 11, 7);
	admit(&limit, "a", 100, 5);
	admit(&limit, "c", LOG_LIMIT_BURST, 7);
	g_assert_cmpint(log_limit_timeout(&limit), ==, 5 + LOG_LIMIT_INTERVAL_MS);
	log_limit_report(&limit, 4 + LOG_LIMIT_INTERVAL_MS);
	log_limit_report(&limit, 5 + LOG_LIMIT_INTERVAL_MS);
	g_assert_cmpint(log_limit_timeout(&limit), ==, 7 + LOG_LIMIT_INTERVAL_MS);
	log_limit_report(&limit, INT64_MAX);
	log_limit_report(&limit, INT64_MAX);
	g_assert_cmpint(log_limit_timeout(&limit), ==, INT64_MAX);
	log_end(&log, "a (90 more such lines were left out)\n"
		      "b (1 more such lines were left out)\n");
}

/* It has no row any more when its time ends. */
static void tells_of_a_line_that_makes_room(void)
{
	struct log_limit limit = { 0 };
	char text[16];
	struct log log;

	log_begin(&log);
	admit(&limit, "a", 100, 5);
	for (unsigned i = 0; i < 1000; i++) {
		g_snprintf(text, sizeof(text), "%u", i);
		g_assert_cmpuint(admit(&limit, text, 1, 5), ==, 1);
	}
	log_limit_report(&limit, INT64_MAX);
	log_end(&log, "a (90 more such lines were left out)\n");
}

static void never_keeps_new_lines(void)
{
	struct log_limit limit = { 0 };
	char text[16];

	for (unsigned i = 0; i < 10000; i++) {
		g_snprintf(text, sizeof(text), "%u", i);
		g_assert_cmpuint(admit(&limit, text, 1, 5), ==, 1);
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/log-limit/a-few-are-admitted", admits_a_few);
	harness_add("/log-limit/tells-what-it-left-out", tells_what_it_left_out);
	harness_add("/log-limit/a-line-that-makes-room-is-told-of",
		    tells_of_a_line_that_makes_room);
	harness_add("/log-limit/new-lines-are-never-left-out", never_keeps_new_lines);
	return harness_run();
}
