/* SPDX-License-Identifier: MIT */
/*
 * Who may replace a plugin. Names are those of a folder of the test's own.
 */
#include "trust.h"

#include "harness.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define STRANGER 65534

static char *dir;

static void enter(void)
{
	dir = harness_make_dir();
	g_assert_cmpint(chdir(dir), ==, 0);
}

static void leave(void)
{
	g_assert_cmpint(chdir("/"), ==, 0);
	harness_remove_dir(dir);
}

static void make_folder(const char *name, int mode)
{
	g_assert_cmpint(g_mkdir(name, 0700), ==, 0);
	g_assert_cmpint(g_chmod(name, mode), ==, 0);
}

static void make_file(const char *name, int mode)
{
	g_assert_true(g_file_set_contents(name, "", -1, NULL));
	g_assert_cmpint(g_chmod(name, mode), ==, 0);
}

static void make_link(const char *target, const char *name)
{
	g_assert_cmpint(symlink(target, name), ==, 0);
}

static void enter_as_root(void)
{
	if (geteuid() != 0) {
		harness_skip("needs root");
	}
	enter();
}

static void give_away(const char *name)
{
	g_assert_cmpint(lchown(name, STRANGER, STRANGER), ==, 0);
}

static void expect_trust(const char *path)
{
	char error[TRUST_ERROR_MAX] = "";

	if (trust_check(path, error) != 0) {
		harness_fail("%s: %s", path, error);
	}
}

static void expect_distrust(const char *path, const char *culprit)
{
	char error[TRUST_ERROR_MAX] = "";

	g_assert_cmpint(trust_check(path, error), ==, -EPERM);
	if (strstr(error, culprit) == NULL) {
		harness_fail("no %s in: %s", culprit, error);
	}
}

static void judges_the_file(void)
{
	enter();
	make_file("good.so", 0755);
	make_file("bad.so", 0777);
	make_file("group.so", 0775);
	expect_trust("good.so");
	expect_trust("./good.so");
	expect_trust("group.so");
	expect_trust("none.so");
	expect_distrust("bad.so", "/bad.so: chmod o-w");
	leave();
}

static void judges_folders(void)
{
	enter();
	make_folder("open", 0777);
	make_folder("open/inner", 0755);
	make_file("open/inner/a.so", 0755);
	make_folder("sticky", 01777);
	make_file("sticky/a.so", 0755);
	make_file("b.so", 0755);
	expect_distrust("open/inner/a.so", "/open: chmod o-w");
	expect_distrust("open/../b.so", "/open: chmod o-w");
	expect_trust("sticky/a.so");
	leave();
}

/* Each link may lie where everybody could make it another one. */
static void judges_each_link(void)
{
	enter();
	make_folder("open", 0777);
	make_folder("good", 0755);
	make_file("good/a.so", 0755);
	make_link("../good/a.so", "open/link");
	make_link("open/link", "chain");
	make_link("good", "folder");
	make_link("loop", "loop");
	expect_distrust("chain", "/open: chmod o-w");
	expect_distrust("folder/../open/link", "/open: chmod o-w");
	expect_trust("folder/a.so");
	expect_trust("loop");
	leave();
}

static void judges_owners(void)
{
	enter_as_root();
	make_folder("given", 0755);
	make_file("given/a.so", 0755);
	make_file("b.so", 0755);
	give_away("given");
	give_away("b.so");
	expect_trust("given/a.so");
	expect_distrust("b.so", "/b.so: chown it");
	leave();
}

static void judges_owners_in_sticky_folders(void)
{
	enter_as_root();
	make_file("good.so", 0755);
	make_folder("sticky", 01777);
	make_folder("sticky/theirs", 0755);
	make_file("sticky/theirs/a.so", 0755);
	make_link("../good.so", "sticky/mine");
	make_link("../good.so", "sticky/link");
	give_away("sticky/theirs");
	give_away("sticky/link");
	expect_trust("sticky/mine");
	expect_distrust("sticky/theirs/a.so", "/sticky/theirs: chown it");
	expect_distrust("sticky/link", "/sticky/link: chown it");
	leave();
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/trust/a-file-for-everybody-is-refused", judges_the_file);
	harness_add("/trust/a-folder-for-everybody-is-refused", judges_folders);
	harness_add("/trust/each-link-of-a-chain-is-looked-at", judges_each_link);
	harness_add("/trust/another-user-s-file-is-refused", judges_owners);
	harness_add("/trust/in-sticky-folders-owners-count", judges_owners_in_sticky_folders);
	return harness_run();
}
