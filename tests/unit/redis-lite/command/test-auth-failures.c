/* SPDX-License-Identifier: MIT */
#include "command/auth-failures.h"
#include "harness.h"

static GPtrArray *lines;

static void note_line(const struct shiny_host *host, enum shiny_log_level level, const char *text)
{
	(void)host;
	g_assert_cmpint(level, ==, SHINY_LOG_WARNING);
	g_ptr_array_add(lines, g_strdup(text));
}

static const struct shiny_host host = { .size = sizeof(host), .log = note_line };

static void expect_lines(const char *const expected[])
{
	g_ptr_array_add(lines, NULL);
	g_assert_cmpstrv((char **)lines->pdata, (char **)expected);
	g_ptr_array_free(lines, TRUE);
}

static void a_flood_is_one_line_in_ten_seconds(void)
{
	struct auth_failures failures = { 0 };

	lines = g_ptr_array_new_with_free_func(g_free);
	for (int i = 0; i < 70000; i++) {
		auth_failures_add(&failures, &host, i % 2 ? "tcp://b" : "tcp://a");
		if (i % 100 == 0) {
			auth_failures_tick(&failures, &host, 1000 + i / 2);
		}
	}
	g_assert_cmpuint(failures.count, ==, 70000);
	auth_failures_end(&failures, &host);
	auth_failures_end(&failures, &host);
	expect_lines((const char *const[]){
		"wrong password from tcp://a",
		"20000 more wrong passwords, the last one from tcp://a",
		"20000 more wrong passwords, the last one from tcp://a",
		"20000 more wrong passwords, the last one from tcp://a",
		"9999 more wrong passwords, the last one from tcp://b",
		NULL,
	});
}

static void after_a_quiet_time_the_next_one_is_told_at_once(void)
{
	struct auth_failures failures = { 0 };

	lines = g_ptr_array_new_with_free_func(g_free);
	auth_failures_tick(&failures, &host, 1);
	auth_failures_add(&failures, &host, "tcp://a");
	auth_failures_tick(&failures, &host, 1000);
	auth_failures_add(&failures, &host, "tcp://b");
	auth_failures_tick(&failures, &host, 1000 + AUTH_FAILURES_INTERVAL_MS);
	auth_failures_tick(&failures, &host, 1000 + 2 * AUTH_FAILURES_INTERVAL_MS);
	auth_failures_add(&failures, &host, "tcp://c");
	expect_lines((const char *const[]){
		"wrong password from tcp://a",
		"1 more wrong password, the last one from tcp://b",
		"wrong password from tcp://c",
		NULL,
	});
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/auth-failures/a-flood-is-one-line-in-ten-seconds",
		    a_flood_is_one_line_in_ten_seconds);
	harness_add("/auth-failures/after-a-quiet-time-the-next-one-is-told-at-once",
		    after_a_quiet_time_the_next_one_is_told_at_once);
	return harness_run();
}
