/* SPDX-License-Identifier: MIT */
/*
 * What shinyd does to files at paths where others may have put something else.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void start(struct shinyd *shinyd, const char *dir)
{
	struct serving serving;

	shinyd_start(shinyd,
		     "[shinyd]\nstatus_socket = %s/status\n"
		     "[server a]\nplugin = echo\nlisten = unix://%s/socket\n",
		     dir, dir);
	shinyd_await_serving(shinyd, "a", &serving);
}

static void expect_there(const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	if (g_access(path, F_OK) < 0) {
		harness_fail("%s is gone", path);
	}
	g_free(path);
}

static void remove_from(const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	g_assert_cmpint(g_unlink(path), ==, 0);
	g_free(path);
}

/* One starts where the sockets of another one that still runs were removed. */
static void removes_only_its_own_sockets(void)
{
	struct shinyd first = { 0 }, second = { 0 };
	char *dir = harness_make_dir(), *address = g_strdup_printf("unix://%s/socket", dir);

	start(&first, dir);
	remove_from(dir, "socket");
	remove_from(dir, "status");
	start(&second, dir);
	shinyd_end(&first);
	expect_there(dir, "socket");
	expect_there(dir, "status");
	close(client_connect(address));
	shinyd_end(&second);
	g_assert_cmpint(g_rmdir(dir), ==, 0); /* and those it does remove */
	g_free(address);
	g_free(dir);
}

static unsigned mode_of(const char *file)
{
	GStatBuf st;

	g_assert_cmpint(g_lstat(file, &st), ==, 0);
	return (unsigned)st.st_mode & 0777;
}

static void changes_the_mode_of_its_own_sockets_only(void)
{
	struct shinyd shinyd = { 0 };
	char *dir = harness_make_dir(), *victim = g_build_filename(dir, "victim", NULL);
	char *path = g_build_filename(dir, "socket", NULL), *config;

	start(&shinyd, dir);
	g_assert_true(g_file_set_contents(victim, "", -1, NULL));
	g_assert_cmpint(g_chmod(victim, 0600), ==, 0);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(symlink(victim, path), ==, 0);
	config = g_strdup_printf("[server a]\nplugin = echo\nunix_mode = 666\nlisten = unix://%s\n",
				 path);
	shinyd_reload_well(&shinyd, config);
	g_assert_cmpuint(mode_of(victim), ==, 0600);
	shinyd_end(&shinyd);
	expect_there(dir, "socket"); /* which is not its own */
	g_free(config);
	g_free(path);
	g_free(victim);
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/paths/only-its-own-sockets-are-removed", removes_only_its_own_sockets);
	harness_add("/e2e/paths/only-its-own-sockets-change-mode",
		    changes_the_mode_of_its_own_sockets_only);
	return harness_run();
}
