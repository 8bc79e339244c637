/* SPDX-License-Identifier: MIT */
/*
 * The mode of a socket's file on Linux, by a descriptor: the path may belong to another file by
 * now.
 */
#include "socket-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int change_mode(int fd, const struct shiny_socket_file *file, mode_t mode)
{
	char path[64];
	struct stat st;

	if (fstat(fd, &st) < 0 || !shiny_socket_file_is(file, &st)) {
		return -ESTALE;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* fchmod(2) takes no O_PATH */
	if (chmod(path, mode) == 0) {
		return 0;
	}
	/* Without /proc: possible since Linux 6.6. */
	return errno != ENOENT || fchmodat(fd, "", mode, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

int shiny_socket_file_set_mode(const struct shiny_socket_file *file, const char *path, mode_t mode)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int error;

	if (fd < 0) {
		return -ESTALE;
	}
	error = change_mode(fd, file, mode);
	close(fd);
	return error;
}
