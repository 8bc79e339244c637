/* SPDX-License-Identifier: MIT */
/*
 * New descriptors, close-on-exec and non-blocking from birth.
 *
 * descriptor.c asks the kernel for the flags in the same call; descriptor-fcntl.c is for systems
 * that cannot. Meson picks one. Every descriptor that the library opens comes from here.
 */
#ifndef SHINY_DESCRIPTOR_H
#define SHINY_DESCRIPTOR_H

/* Each returns the descriptor (shiny_descriptor_pipe: 0), or -errno. */
int shiny_descriptor_socket(int family);
int shiny_descriptor_accept(int listening_fd);
int shiny_descriptor_pipe(int ret_fds[2]);

#endif
