/* SPDX-License-Identifier: MIT */
/*
 * New descriptors, close-on-exec and non-blocking from their creation.
 *
 * descriptor.c asks the kernel for the flags in the same call; descriptor-fcntl.c is for systems
 * that cannot do so. Meson chooses. Every descriptor that the library opens comes from here. Called
 * by listener.c and wake.c.
 */
#ifndef SHINY_DESCRIPTOR_H
#define SHINY_DESCRIPTOR_H

/* Each returns the descriptor (shiny_descriptor_pipe: 0), or -errno. */
int shiny_descriptor_socket(int family);
int shiny_descriptor_accept(int listening_fd);
int shiny_descriptor_pipe(int ret_fds[2]);

#endif
