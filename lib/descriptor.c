/* SPDX-License-Identifier: MIT */
/*
 * New descriptors where one call sets the flags, too: Linux and the BSDs.
 */
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int shiny_descriptor_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int shiny_descriptor_accept(int listening_fd)
{
	int fd = accept4(listening_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int shiny_descriptor_pipe(int ret_fds[2])
{
	return pipe2(ret_fds, O_NONBLOCK | O_CLOEXEC) < 0 ? -errno : 0;
}
