/* SPDX-License-Identifier: MIT */
/*
 * The file of a unix socket: its mode is set and it is removed only while it is the one that was
 * made.
 */
#include "listen/socket-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

void socket_file_init(const char *path, struct socket_file *ret)
{
	struct stat st;

	*ret = (struct socket_file){ 0 };
	if (path != NULL && lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
		*ret = (struct socket_file){ g_strdup(path), st.st_dev, st.st_ino };
	}
}

static bool is_same(const struct socket_file *file, const struct stat *st)
{
	return S_ISSOCK(st->st_mode) && st->st_dev == file->device && st->st_ino == file->inode;
}

/* Uses the descriptor, as the path may lead to another file since it was checked. */
static int change_mode(int fd, const struct socket_file *file, mode_t mode)
{
	char path[64];
	struct stat st;

	if (fstat(fd, &st) < 0 || !is_same(file, &st)) {
		return -ESTALE;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* fchmod(2) takes no O_PATH */
	return chmod(path, mode) < 0 ? -errno : 0;
}

int socket_file_set_mode(const struct socket_file *file, mode_t mode)
{
	int fd, r;

	if (file->path == NULL) {
		return 0;
	}
	fd = open(file->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return -ESTALE;
	}
	r = change_mode(fd, file, mode);
	close(fd);
	return r;
}

/* Checks and removes by the descriptor of one and the same folder. */
static void remove_from(int folder, const struct socket_file *file)
{
	char *name = g_path_get_basename(file->path);
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_same(file, &st)) {
		unlinkat(folder, name, 0);
	}
	g_free(name);
}

void socket_file_finish(struct socket_file *file)
{
	char *folder = file->path != NULL ? g_path_get_dirname(file->path) : NULL;
	int fd = folder != NULL ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		remove_from(fd, file);
		close(fd);
	}
	g_free(folder);
	g_free(file->path);
	*file = (struct socket_file){ 0 };
}
