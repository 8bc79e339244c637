/* SPDX-License-Identifier: MIT */
/*
 * Memory that processes share by a descriptor, sealed against what none of them, or all but the one
 * who made it, may do with it.
 *
 * Seals hold for every descriptor and every process, also one that opens it anew by /proc.
 */
#ifndef SHINYD_SEALED_MEMORY_H
#define SHINYD_SEALED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Who may write there. */
enum sealed_writers {
	SEALED_OWNER_WRITES, /* only who made it */
	SEALED_ALL_WRITE,
};

/*
 * sealed_create() - @size zeroed bytes that nobody can make fewer or more
 *
 * @name is for those who look at /proc.
 *
 * Owner:   the descriptor in *@ret_fd, for close(2), and *@ret, for munmap(2), are the caller's.
 * Returns: 0 or -errno.
 */
int sealed_create(const char *name, size_t size, enum sealed_writers writers, int *ret_fd,
		  void **ret);

/* sealed_map() - the same in another process, where @writable for who may; NULL: it is not such */
void *sealed_map(int fd, size_t size, bool writable);

/* sealed_copy() - a copy of @data that nobody can change: its descriptor, or -errno */
int sealed_copy(const char *name, const void *data, size_t size);

/* sealed_is_copy() - whether that is one */
bool sealed_is_copy(int fd);

#endif
