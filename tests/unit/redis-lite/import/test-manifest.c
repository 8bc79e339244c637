/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "import/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char error[MANIFEST_ERROR_MAX];

static void expect(const char *text, size_t current, const char *names)
{
	char *copy = g_memdup2(text, strlen(text)), *joined;
	struct manifest manifest;

	if (manifest_parse(copy, strlen(text), error, &manifest) < 0) {
		harness_fail("%s", error);
	}
	g_free(copy);
	manifest.names = g_renew(char *, manifest.names, manifest.count + 1);
	manifest.names[manifest.count] = NULL;
	joined = g_strjoinv("|", manifest.names);
	g_assert_cmpstr(joined, ==, names);
	g_assert_cmpuint(manifest.current, ==, current);
	g_free(joined);
	manifest_finish(&manifest);
}

static void the_base_comes_first_and_increments_in_their_order(void)
{
	expect("file a.1.base.rdb seq 1 type b\n", 1, "a.1.base.rdb");
	expect("file a.1.incr.aof seq 1 type i\n", 1, "a.1.incr.aof");
	expect("file a.1.incr.aof seq 1 type h\n"
	       "file a.2.incr.aof seq 2 type i\n"
	       "file a.3.incr.aof seq 3 type i\n"
	       "file a.2.base.aof seq 2 type b\n",
	       3, "a.2.base.aof|a.2.incr.aof|a.3.incr.aof|a.1.incr.aof");
	expect("# by hand\nFILE a SEQ 1 TYPE base\r\nfile \"b \\x41\\\"\" seq 5 type i startoffset "
	       "0\n",
	       2, "a|b A\"");
	expect("seq 7 type i file 'c'\n", 1, "c");
}

static void what_is_no_manifest_is_refused_by_line(void)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "no file to be loaded" },
		{ "# nothing\n", "no file to be loaded" },
		{ "file a seq 1 type h\n", "no file to be loaded" },
		{ "\n", "damaged in line 1: it must be" },
		{ "file a seq 1 type b", "damaged in line 1: it has no end" },
		{ "file a seq 1 type b\nfile b seq 1 ty", "damaged in line 2: it has no end" },
		{ "file a seq 1\n", "line 1: it must be \"file NAME seq N type b|h|i\"" },
		{ "file a seq 1 type\n", "it must be" },
		{ "file a seq 1 type b more\n", "it must be" },
		{ "file \"a seq 1 type b\n", "it must be" },
		{ "*1\r\n$4\r\nfile\r\n", "it must be" },
		{ "file a seq x type b\n", "seq is no number" },
		{ "file a seq 0 type b\n", "seq is no number" },
		{ "file a seq 1 type x\n", "a type that is none of b, h, i" },
		{ "file a/b seq 1 type b\n", "no name of a file" },
		{ "file ../b seq 1 type b\n", "no name of a file" },
		{ "file \"\" seq 1 type b\n", "no name of a file" },
		{ "file \"a\\x00b\" seq 1 type b\n", "no name of a file" },
		{ "file a seq 1 type b\nfile b seq 2 type b\n", "line 2: a second base" },
		{ "file a seq 2 type i\nfile b seq 2 type i\n", "increments that are not in" },
		{ "file a seq 2 type i\nfile b seq 1 type i\n", "increments that are not in" },
	};
	char *line = g_strnfill(2000, 'x'), *text = g_strdup_printf("file %s seq 1 type b\n", line);
	struct manifest manifest;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *copy = g_memdup2(cases[i].text, strlen(cases[i].text));

		g_assert_cmpint(manifest_parse(copy, strlen(cases[i].text), error, &manifest), ==,
				-EBADMSG);
		if (!strstr(error, cases[i].error)) {
			harness_fail("expected \"%s\"; got \"%s\"", cases[i].error, error);
		}
		g_free(copy);
	}
	g_assert_cmpint(manifest_parse(text, strlen(text), error, &manifest), ==, -EBADMSG);
	g_free(text);
	g_free(line);
}

static void whatever_stands_at_its_path_is_read_or_refused(void)
{
	char *dir = harness_make_dir(), *path = g_build_filename(dir, "m", NULL);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *large = g_strnfill(MANIFEST_SIZE_MAX + 1, '\n');
	struct manifest manifest;

	g_assert_cmpint(manifest_read(fd, "m", error, &manifest), ==, -ENOENT);
	g_assert_cmpstr(error, ==, "No such file or directory");
	g_assert_cmpint(manifest_read(fd, ".", error, &manifest), ==, -EINVAL);
	g_assert_true(g_file_set_contents(path, "file a seq 1 type b\n", -1, NULL));
	g_assert_cmpint(manifest_read(fd, "m", error, &manifest), ==, 0);
	g_assert_true(manifest_names(&manifest, "a"));
	g_assert_false(manifest_names(&manifest, "b"));
	manifest_finish(&manifest);
	g_assert_true(g_file_set_contents(path, large, MANIFEST_SIZE_MAX + 1, NULL));
	g_assert_cmpint(manifest_read(fd, "m", error, &manifest), ==, -EFBIG);
	close(fd);
	g_free(large);
	g_free(path);
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/manifest");
	harness_add("/the-base-comes-first-and-increments-in-their-order",
		    the_base_comes_first_and_increments_in_their_order);
	harness_add("/what-is-no-manifest-is-refused-by-line",
		    what_is_no_manifest_is_refused_by_line);
	harness_add("/whatever-stands-at-its-path-is-read-or-refused",
		    whatever_stands_at_its_path_is_read_or_refused);
	return harness_run();
}
