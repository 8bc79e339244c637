/* SPDX-License-Identifier: MIT */
/*
 * What is read and what is not, whatever stands at a path.
 */
#include "trust/safe-open.h"

#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST 10

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

static void expect_text(const char *path, bool may_wait, const char *expected)
{
	char error[TRUST_ERROR_MAX];
	struct safe_text text;

	if (safe_read(path, MOST, may_wait, &text, error) < 0) {
		harness_fail("%s: %s", path, error);
	}
	g_assert_cmpstr(text.data, ==, expected);
	g_assert_cmpuint(text.len, ==, strlen(expected));
	g_free(text.data);
}

static void expect_error(const char *path, bool may_wait, int r, const char *expected)
{
	char error[TRUST_ERROR_MAX];
	struct safe_text text;

	g_assert_cmpint(safe_read(path, MOST, may_wait, &text, error), ==, r);
	g_assert_cmpstr(error, ==, expected);
}

static void reads_files(void)
{
	struct safe_text text;
	char error[TRUST_ERROR_MAX];

	enter();
	g_assert_true(g_file_set_contents("empty", "", -1, NULL));
	g_assert_true(g_file_set_contents("file", "0123456789", -1, NULL));
	g_assert_true(g_file_set_contents("long", "0123456789a", -1, NULL));
	expect_text("empty", false, "");
	expect_text("file", false, "0123456789");
	expect_error("long", false, -EFBIG, "is longer than 10 bytes");
	expect_error("none", false, -ENOENT, "cannot be opened: No such file or directory");
	for (int mode = 0640; mode <= 0644; mode += 4) {
		g_assert_cmpint(g_chmod("file", mode), ==, 0);
		g_assert_cmpint(safe_read("file", MOST, false, &text, error), ==, 0);
		g_assert_true(text.world_readable == (mode == 0644));
		g_free(text.data);
	}
	leave();
}

static void make_socket(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, name, sizeof(address.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	close(fd);
}

static void reads_nothing_else(void)
{
	enter();
	make_socket("socket");
	g_assert_cmpint(mkfifo("fifo", 0600), ==, 0);
	g_assert_cmpint(symlink("fifo", "link"), ==, 0);
	for (int may_wait = 0; may_wait <= 1; may_wait++) {
		expect_error("/dev/zero", may_wait, -EINVAL, "is no regular file");
		expect_error("socket", may_wait, -EINVAL, "is no regular file");
		expect_error(".", may_wait, -EINVAL, "is no regular file");
	}
	expect_error("fifo", false, -ESPIPE, "is no regular file");
	expect_error("link", false, -ESPIPE, "is no regular file");
	leave();
}

/* Regular ones, as the kernel says of some that have no end, or keep a reader waiting. */
static void is_not_held_up_by_files_of_the_kernel(void)
{
	expect_error("/proc/self/smaps", false, -EFBIG, "is longer than 10 bytes");
	if (access("/proc/kmsg", R_OK) == 0) {
		char error[TRUST_ERROR_MAX];
		struct safe_text text;

		g_assert_cmpint(safe_read("/proc/kmsg", MOST, false, &text, error), <, 0);
	}
}

static gpointer write_late(gpointer name)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);

	g_assert_cmpint(write(fd, "late", 4), ==, 4);
	close(fd);
	return NULL;
}

static void waits_where_it_may(void)
{
	GThread *thread;

	enter();
	g_assert_cmpint(mkfifo("fifo", 0600), ==, 0);
	thread = g_thread_new("writer", write_late, (gpointer) "fifo");
	expect_text("fifo", true, "late");
	g_thread_join(thread);
	leave();
}

static void reads_the_terminal_at_stdin(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0) {
		harness_skip("there are no terminals here");
	}
	terminal = open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	g_assert_cmpint(dup2(terminal, STDIN_FILENO), ==, STDIN_FILENO);
	close(terminal);
	g_assert_cmpint(write(fd, "line\n\4", 6), ==, 6); /* and Ctrl-D */
	expect_text("/dev/stdin", true, "line\n");
	expect_error("/dev/stdin", false, -ESPIPE, "is no regular file");
	close(fd);
	terminal = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(terminal, STDIN_FILENO);
	close(terminal);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/safe-open/reads-files-up-to-a-limit", reads_files);
	harness_add("/safe-open/nothing-else-is-opened", reads_nothing_else);
	harness_add("/safe-open/files-of-the-kernel-hold-nobody-up",
		    is_not_held_up_by_files_of_the_kernel);
	harness_add("/safe-open/a-fifo-is-waited-for-at-the-start", waits_where_it_may);
	harness_add("/safe-open/the-terminal-is-read-at-the-start", reads_the_terminal_at_stdin);
	return harness_run();
}
