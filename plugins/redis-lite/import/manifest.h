/* SPDX-License-Identifier: MIT */
/*
 * The manifest of a Redis 7: which files its append-only file consists of, and in which order.
 */
#ifndef REDIS_LITE_IMPORT_MANIFEST_H
#define REDIS_LITE_IMPORT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

/* The largest file that is read as one. */
#define MANIFEST_SIZE_MAX (1024 * 1024)

/* Room for what is wrong with one. */
#define MANIFEST_ERROR_MAX 128

/* The files that a manifest names: those to be loaded in their order, then those that no longer count. */
struct manifest {
	char **names;
	size_t count, current; /* of all, and of those to be loaded */
};

/*
 * manifest_parse() - what a manifest says
 *
 * Returns 0; -ENOMEM; -EBADMSG. In @error (of MANIFEST_ERROR_MAX bytes) is what is wrong, and in which
 * line.
 */
int manifest_parse(const char *data, size_t len, char *error, struct manifest *ret_manifest);

/*
 * manifest_read() - the same for a file
 *
 * Returns the same, or what open(2) and read(2) report; -EINVAL if it is no regular file.
 */
int manifest_read(int dir, const char *name, char *error, struct manifest *ret_manifest);

/* manifest_names() - whether a file is in it */
bool manifest_names(const struct manifest *manifest, const char *name);

void manifest_finish(struct manifest *manifest);

#endif
