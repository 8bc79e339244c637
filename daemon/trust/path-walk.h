/* SPDX-License-Identifier: MIT */
/*
 * A path walked as the kernel walks it, folder by folder and link by link, with a check at each
 * step.
 *
 * Each step is taken from the descriptor of the one before it, and checked by its own descriptor.
 * So what was checked is what is used, whatever somebody does to the names meanwhile.
 *
 * Called by trust.c only.
 */
#ifndef SHINYD_PATH_WALK_H
#define SHINYD_PATH_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

struct path_step {
	const char *path; /* without links */
	const struct stat *st;
	const struct stat *folder; /* that it is in; NULL: it is the root, or was gone back to */
	/* It was reached by a link of /proc, as /dev/stdin is: who started us handed it over. */
	bool handed_over;
};

/* Returns 0; negative ends the walk. */
typedef int (*path_check)(const struct path_step *step, void *ctx);

/*
 * path_walk() - the descriptor (O_PATH) of what @path leads to
 *
 * Opens nothing that stands there, and so has no effect on a device and waits for no FIFO.
 *
 * Owner:   the descriptor is the caller's.
 * Returns: what @check returned if that is negative; or -errno.
 */
int path_walk(const char *path, path_check check, void *ctx);

#endif
