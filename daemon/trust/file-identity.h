/* SPDX-License-Identifier: MIT */
/*
 * Which file stands behind a path, so that another one in its place is noticed, and one that was
 * written to.
 */
#ifndef SHINYD_FILE_IDENTITY_H
#define SHINYD_FILE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: there is no file. */
struct file_identity {
	uint64_t device;
	uint64_t inode;
	int64_t size;
	int64_t modified_ns; /* since 1970 */
	int64_t changed_ns;  /* likewise: its content, its owner, its mode or its links */
};

/* file_identity_get() - of what @path leads to now */
struct file_identity file_identity_get(const char *path);

bool file_identity_equal(const struct file_identity *left, const struct file_identity *right);

#endif
