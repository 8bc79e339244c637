/* SPDX-License-Identifier: MIT */
/*
 * The file of a unix socket that was bound here, known by its device and inode.
 *
 * Whoever may write to its folder may remove it and put something else there, and another shinyd
 * may listen there by now. What is no longer the file that was made is left alone.
 */
#ifndef SHINYD_SOCKET_FILE_H
#define SHINYD_SOCKET_FILE_H

#include <sys/types.h>

struct socket_file {
	char *path; /* NULL: there is none */
	dev_t device;
	ino_t inode;
};

/*
 * socket_file_init() - remember what shiny_bind() has just made at @path
 *
 * NULL, as that of an address without a file, makes a file that nothing is done to.
 *
 * Owner:   *@ret is the caller's, for socket_file_finish().
 */
void socket_file_init(const char *path, struct socket_file *ret);

/* socket_file_set_mode() - 0; -ESTALE: another file is there by now; or what chmod(2) reports */
int socket_file_set_mode(const struct socket_file *file, mode_t mode);

/*
 * socket_file_finish() - remove it from its folder
 *
 * To be called before the socket is closed: that keeps the inode's number from being given away.
 * Between the look and the removal there is a moment in which who may write to the folder can still
 * put another file of that name there. Nothing outside of the folder can be removed.
 */
void socket_file_finish(struct socket_file *file);

#endif
