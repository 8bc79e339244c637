/* SPDX-License-Identifier: MIT */
/*
 * Whether a file is still the one that it was.
 */
#include "trust/file-identity.h"

#include "harness.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <utime.h>

static char *dir, *path;
static struct file_identity before;

static void set_up(void)
{
	dir = harness_make_dir();
	path = g_build_filename(dir, "file", NULL);
	g_assert_true(g_file_set_contents(path, "one", -1, NULL));
	before = file_identity_get(path);
}

static bool is_the_same(void)
{
	const struct file_identity now = file_identity_get(path);

	return file_identity_equal(&before, &now);
}

static void tear_down(void)
{
	harness_remove_dir(dir);
	g_free(path);
}

static void is_the_same_while_nothing_happens(void)
{
	set_up();
	g_assert_true(is_the_same());
	tear_down();
}

static void another_file_is_noticed(void)
{
	set_up();
	g_assert_true(g_file_set_contents(path, "two", -1, NULL)); /* renamed into place */
	g_assert_false(is_the_same());
	g_assert_cmpint(g_remove(path), ==, 0);
	g_assert_false(is_the_same());
	tear_down();
}

/* Whoever writes can put the size and the time of writing back, but not when that was done. */
static void a_change_that_is_hidden_is_noticed(void)
{
	struct utimbuf times;
	struct stat st;
	FILE *file;

	set_up();
	g_assert_cmpint(stat(path, &st), ==, 0);
	times = (struct utimbuf){ st.st_atime, st.st_mtime };
	do {
		file = fopen(path, "r+e");
		fputs("two", file);
		fclose(file);
		g_assert_cmpint(utime(path, &times), ==, 0);
		before.modified_ns = file_identity_get(path).modified_ns;
	} while (is_the_same()); /* a clock that has not turned yet */
	tear_down();
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/file-identity/the-same-while-nothing-happens",
		    is_the_same_while_nothing_happens);
	harness_add("/file-identity/another-file-is-noticed", another_file_is_noticed);
	harness_add("/file-identity/a-change-that-is-hidden-is-noticed",
		    a_change_that_is_hidden_is_noticed);
	return harness_run();
}
