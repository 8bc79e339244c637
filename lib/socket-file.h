/* SPDX-License-Identifier: MIT */
/*
 * The file of a unix socket that was bound here, known by its device and inode.
 *
 * Anyone who may write to the folder can put another file in its place at any moment. So the file
 * is changed or removed only while it is still the same socket. Called by listener.c.
 */
#ifndef SHINY_SOCKET_FILE_H
#define SHINY_SOCKET_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

struct shiny_socket_file {
	dev_t device;
	ino_t inode; /* 0: there is none */
};

/* The socket at @path. Returns 0; -errno, or -ENOTSOCK if it is another kind of file. */
int shiny_socket_file_find(const char *path, struct shiny_socket_file *ret_file);

bool shiny_socket_file_is(const struct shiny_socket_file *file, const struct stat *st);

/* Returns 0 or -errno; -ESTALE if another file is at @path by now. */
int shiny_socket_file_set_mode(const struct shiny_socket_file *file, const char *path, mode_t mode);

/*
 * Removes the file, if it is still there. Returns 0 or -errno. Between the check and the removal
 * anyone who may write to the folder can still put another file there.
 */
int shiny_socket_file_remove(const struct shiny_socket_file *file, const char *path);

#endif
