/* SPDX-License-Identifier: MIT */
/*
 * A redis-server that still writes to what is imported is noticed: by what it changes, and by what it
 * has open.
 */
#include "harness.h"
#include "import/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <shiny-plugin.h>

struct place {
	char *dir, *path;
	struct import_files files;
	char error[SHINY_ERROR_MAX];
};

/* One file, "f", that holds "text". */
static void place_init(struct place *place)
{
	*place = (struct place){ .dir = harness_make_dir() };
	place->path = g_build_filename(place->dir, "f", NULL);
	g_assert_true(g_file_set_contents(place->path, "text", 4, NULL));
	place->files.dir = open(place->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_assert_cmpint(import_files_add(&place->files, "f", place->error), ==, 0);
	g_assert_cmpint(import_files_check(&place->files, place->error), ==, 0);
}

static void place_finish(struct place *place)
{
	close(place->files.dir);
	import_files_finish(&place->files);
	harness_remove_dir(place->dir);
	g_free(place->path);
}

static void expect_refusal(struct place *place, int expected, const char *text)
{
	g_assert_cmpint(import_files_check(&place->files, place->error), ==, expected);
	g_assert_nonnull(strstr(place->error, text));
}

static void append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	g_assert_cmpint(write(fd, "x", 1), ==, 1);
	close(fd);
}

static void set_time(const char *path)
{
	const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

	g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

/* As a manifest and a dump are written anew. */
static void replace(const char *path)
{
	g_assert_true(g_file_set_contents(path, "text", 4, NULL));
}

static void what_has_changed_is_refused(void)
{
	static void (*const changes[])(const char *path) = { append, set_time, replace };

	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		struct place place;

		place_init(&place);
		changes[i](place.path);
		expect_refusal(&place, -EBUSY, "f has changed while it was loaded: stop its");
		place_finish(&place);
	}
}

static void what_is_gone_is_refused(void)
{
	struct place place;

	place_init(&place);
	g_assert_cmpint(unlink(place.path), ==, 0);
	expect_refusal(&place, -ENOENT, "cannot open f: No such file or directory");
	place_finish(&place);
}

static void what_is_open_for_writing_is_refused(void)
{
	struct place place;
	int fd;

	place_init(&place);
	fd = open(place.path, O_RDONLY | O_CLOEXEC);
	g_assert_cmpint(import_files_check(&place.files, place.error), ==, 0);
	close(fd);
	fd = open(place.path, O_WRONLY | O_CLOEXEC);
	if (import_files_check(&place.files, place.error) == 0) {
		g_test_skip("this file system knows no leases");
	} else {
		expect_refusal(&place, -EBUSY, "f is open for writing in another process: stop");
	}
	place.files.is_ours = true;
	g_assert_cmpint(import_files_check(&place.files, place.error), ==, 0);
	close(fd);
	place.files.is_ours = false;
	g_assert_cmpint(import_files_check(&place.files, place.error), ==, 0);
	place_finish(&place);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/import-files");
	harness_add("/what-has-changed-is-refused", what_has_changed_is_refused);
	harness_add("/what-is-gone-is-refused", what_is_gone_is_refused);
	harness_add("/what-is-open-for-writing-is-refused", what_is_open_for_writing_is_refused);
	return harness_run();
}
