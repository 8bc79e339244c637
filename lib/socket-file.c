/* SPDX-License-Identifier: MIT */
/*
 * The file of a unix socket: found, and removed while it is still the same one.
 */
#include "socket-file.h"

#include <errno.h>
#include <unistd.h>

int shiny_socket_file_find(const char *path, struct shiny_socket_file *ret_file)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		return -errno;
	}
	if (!S_ISSOCK(st.st_mode)) {
		return -ENOTSOCK;
	}
	*ret_file = (struct shiny_socket_file){ .device = st.st_dev, .inode = st.st_ino };
	return 0;
}

bool shiny_socket_file_is(const struct shiny_socket_file *file, const struct stat *st)
{
	return S_ISSOCK(st->st_mode) && st->st_dev == file->device && st->st_ino == file->inode;
}

int shiny_socket_file_remove(const struct shiny_socket_file *file, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !shiny_socket_file_is(file, &st)) {
		return 0;
	}
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}
