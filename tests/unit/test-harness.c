/* SPDX-License-Identifier: MIT */
/*
 * The harness itself: that what it promises to notice is noticed.
 *
 * Each case runs this program once more, with the name of a test that must come out badly.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "harness.h"

static const char *self;

static void leak_descriptor(void)
{
	g_assert_cmpint(dup(STDERR_FILENO), >=, 0);
}

static void close_descriptor(void)
{
	close(STDIN_FILENO);
}

static void crash(void)
{
	raise(SIGSEGV);
}

static void hang(void)
{
	for (;;) {
		pause();
	}
}

static void fail_assertion(void)
{
	g_assert_cmpint(1, ==, 2);
}

static void skip(void)
{
	harness_skip("no %s here", "moon");
}

/* The reason is the name of a directory with something in it. */
static void skip_with_dir(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);

	g_assert_true(g_file_set_contents(file, "", 0, NULL));
	harness_skip("%s.", dir);
}

/* Runs the test called @name, which must not hold the program up, and looks for @expected. */
static void expect(const char *name, int status, const char *expected)
{
	const char *const argv[] = { self, "--bad", "-p", name, NULL };
	char *output;

	g_assert_cmpint(child_run(argv, &output), ==, status);
	if (!strstr(output, expected)) {
		harness_fail("no \"%s\" in:\n%s", expected, output);
	}
	g_free(output);
}

static void notices_open(void)
{
	expect("/bad/leak", 1, "left open");
}

static void notices_closed(void)
{
	expect("/bad/close", 1, "was closed");
}

static void notices_crash(void)
{
	expect("/bad/crash", 1, "not ok");
}

static void notices_hang(void)
{
	expect("/bad/hang", 1, "not done within 1 s");
}

static void notices_assertion(void)
{
	expect("/bad/assertion", 1, "1 == 2");
}

static void says_why_skipped(void)
{
	expect("/bad/skip", 0, "SKIP no moon here");
}

static void leaves_nothing_when_skipped(void)
{
	const char *const argv[] = { self, "--bad", "-p", "/bad/skip-with-dir", NULL };
	char *output, *dir, *end;

	g_assert_cmpint(child_run(argv, &output), ==, 0);
	dir = strstr(output, "SKIP /");
	g_assert_nonnull(dir);
	dir += strlen("SKIP ");
	end = strchr(dir, '.');
	g_assert_nonnull(end);
	*end = '\0';
	g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
	*strrchr(dir, '/') = '\0';
	g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
	g_free(output);
}

int main(int argc, char **argv)
{
	bool bad = argc > 1 && strcmp(argv[1], "--bad") == 0;

	self = argv[0];
	harness_init(&argc, &argv);
	if (bad) {
		harness_add("/bad/leak", leak_descriptor);
		harness_add("/bad/close", close_descriptor);
		harness_add("/bad/crash", crash);
		harness_add_slow("/bad/hang", hang, 1);
		harness_add("/bad/assertion", fail_assertion);
		harness_add("/bad/skip", skip);
		harness_add("/bad/skip-with-dir", skip_with_dir);
		return harness_run();
	}
	harness_add("/harness/descriptors/notices-one-left-open", notices_open);
	harness_add("/harness/descriptors/notices-one-closed", notices_closed);
	harness_add("/harness/end/reports-a-crash", notices_crash);
	harness_add("/harness/end/reports-a-hang", notices_hang);
	harness_add("/harness/end/reports-a-failed-assertion", notices_assertion);
	harness_add("/harness/end/says-why-it-skipped", says_why_skipped);
	harness_add("/harness/end/leaves-nothing-when-skipped", leaves_nothing_when_skipped);
	return harness_run();
}
