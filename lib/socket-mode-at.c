/* SPDX-License-Identifier: MIT */
/*
 * The mode of a socket's file, by its path, for systems that cannot open it: the BSDs and macOS.
 * Between the check and the change anyone who may write to the folder can put another file there.
 */
#include "socket-file.h"

#include <errno.h>
#include <fcntl.h>

int shiny_socket_file_set_mode(const struct shiny_socket_file *file, const char *path, mode_t mode)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !shiny_socket_file_is(file, &st)) {
		return -ESTALE;
	}
	return fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}
