/* SPDX-License-Identifier: MIT */
/*
 * Which file stands behind a path.
 */
#include "trust/file-identity.h"

#include <sys/stat.h>

static int64_t nanoseconds(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

struct file_identity file_identity_get(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		return (struct file_identity){ 0 };
	}
	return (struct file_identity){
		.device = st.st_dev,
		.inode = st.st_ino,
		.size = st.st_size,
		.modified_ns = nanoseconds(&st.st_mtim),
		.changed_ns = nanoseconds(&st.st_ctim),
	};
}

bool file_identity_equal(const struct file_identity *left, const struct file_identity *right)
{
	return left->device == right->device && left->inode == right->inode &&
	       left->size == right->size && left->modified_ns == right->modified_ns &&
	       left->changed_ns == right->changed_ns;
}
