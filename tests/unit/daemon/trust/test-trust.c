/* SPDX-License-Identifier: MIT */
/*
 * Who may replace a file. Names are those of a folder of the test's own.
 */
#include "trust/trust.h"

#include "harness.h"

#include <errno.h>
#include <fcntl.h>
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

/* Of the file that was found, by its descriptor. */
static void expect_found(const char *path, const char *content)
{
	char error[TRUST_ERROR_MAX], name[64], *text;
	int fd = trust_find(path, error);

	if (fd < 0) {
		harness_fail("%s: %s", path, error);
	}
	g_snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	g_assert_true(g_file_get_contents(name, &text, NULL, NULL));
	g_assert_cmpstr(text, ==, content);
	g_free(text);
	close(fd);
}

static void expect_not_found(const char *path, int error, const char *expected)
{
	char text[TRUST_ERROR_MAX];

	g_assert_cmpint(trust_find(path, text), ==, error);
	g_assert_nonnull(strstr(text, expected));
}

static void make_content(const char *name, const char *content)
{
	g_assert_true(g_file_set_contents(name, content, -1, NULL));
}

/* As certbot lays certificates out, and Kubernetes the files of a secret. */
static void finds_by_links(void)
{
	enter();
	make_folder("archive", 0755);
	make_folder("live", 0755);
	make_content("archive/key1.pem", "one");
	make_link("../archive/key1.pem", "live/key.pem");
	expect_found("live/key.pem", "one");

	make_folder("volume", 01777);
	make_folder("volume/..2026_01", 0755);
	make_content("volume/..2026_01/password", "two");
	make_link("..2026_01", "volume/..data");
	make_link("..data/password", "volume/password");
	expect_found("volume/password", "two");
	expect_not_found("volume/none", -ENOENT, "cannot be opened: No such file");
	leave();
}

static void finds_nothing_of_strangers(void)
{
	enter_as_root();
	make_folder("volume", 01777);
	make_content("good", "one");
	make_link("../good", "volume/link");
	expect_found("volume/link", "one");
	give_away("volume/link");
	expect_not_found("volume/link", -EPERM, "another user owns ");
	g_assert_cmpint(g_chmod("good", 0602), ==, 0);
	expect_not_found("good", -EPERM, "everybody may write to ");
	leave();
}

/* Who started shinyd has handed it over. */
static void finds_what_is_inherited(void)
{
	char error[TRUST_ERROR_MAX], name[64];
	int ends[2], fd;

	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	g_assert_cmpint(fchmod(ends[0], 0666), ==, 0);
	g_snprintf(name, sizeof(name), "/dev/fd/%d", ends[0]);
	fd = trust_find(name, error);
	if (fd < 0) {
		harness_fail("%s: %s", name, error);
	}
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

static void expect_folder(const char *path, int expected)
{
	char error[TRUST_ERROR_MAX] = "";
	int fd = trust_find_folder(path, error);

	if (fd >= 0) {
		close(fd);
	}
	if (MIN(fd, 0) != expected) {
		harness_fail("%s: %s", path, error);
	}
}

/* Where root writes is for nobody else to say. */
static void writes_by_no_link_of_others(void)
{
	enter_as_root();
	make_folder("real", 0755);
	make_folder("theirs", 0755);
	make_folder("group", 0775);
	make_folder("theirs/own", 0755);
	make_link("../real", "theirs/link");
	make_link("../real", "group/link");
	make_link("real", "link");
	give_away("theirs");
	give_away("theirs/own");
	expect_folder("real", 0);
	expect_folder("link", 0);
	expect_folder("theirs", 0);
	expect_folder("theirs/own", 0);
	expect_folder("theirs/link", -EPERM);
	expect_folder("group/link", -EPERM);
	expect_folder("theirs/none", -ENOENT);
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
	harness_add("/trust/links-of-certbot-and-kubernetes-are-followed", finds_by_links);
	harness_add("/trust/what-strangers-may-change-is-not-found", finds_nothing_of_strangers);
	harness_add("/trust/what-is-inherited-was-handed-over", finds_what_is_inherited);
	harness_add("/trust/root-writes-by-no-link-of-others", writes_by_no_link_of_others);
	return harness_run();
}
