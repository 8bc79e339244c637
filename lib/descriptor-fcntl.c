/* SPDX-License-Identifier: MIT */
/*
 * New descriptors where the flags need a second call: macOS. A child that another thread forks
 * between the two calls inherits the descriptor; such systems offer no better way.
 */
#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_flags(int fd)
{
	if (fd < 0) {
		return -errno;
	}
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

static int without_sigpipe(int fd)
{
#ifdef SO_NOSIGPIPE
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){ 1 }, sizeof(int));
	}
#endif
	return fd;
}

int shiny_descriptor_socket(int family)
{
	return without_sigpipe(set_flags(socket(family, SOCK_STREAM, 0)));
}

int shiny_descriptor_accept(int listening_fd)
{
	return without_sigpipe(set_flags(accept(listening_fd, NULL, NULL)));
}

int shiny_descriptor_pipe(int ret_fds[2])
{
	int fds[2];

	if (pipe(fds) < 0) {
		return -errno;
	}
	for (int i = 0; i < 2; i++) {
		int error = set_flags(fds[i]);
		if (error < 0) {
			close(fds[1 - i]);
			return error;
		}
	}
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return 0;
}
