/* SPDX-License-Identifier: MIT */
/*
 * Files that the supervisor reads: whatever stands at their paths, it is not held up.
 *
 * A FIFO that nobody writes to, a device, a file without an end, a file that others may write to:
 * each is found out before it is opened, or by its descriptor, and refused.
 */
#ifndef SHINYD_SAFE_OPEN_H
#define SHINYD_SAFE_OPEN_H

#include "trust.h"

#include <stdbool.h>
#include <stddef.h>

struct safe_text {
	char *data; /* with a NUL behind it */
	size_t len;
	bool world_readable;
};

/*
 * safe_read() - all that a file holds, at most @most bytes
 *
 * @may_wait is for when nothing is served yet: then a pipe, as of "-c <(generate)", and the terminal
 * that is standard input are read, too, until they end.
 *
 * Owner:   ret->data is the caller's, for g_free().
 * Returns: 0; -ESPIPE (such a pipe or terminal, and not @may_wait), -EINVAL (nothing that can be
 *          read), -EFBIG (too long), -EPERM (others may write to it) or -errno, with the reason in
 *          @error (TRUST_ERROR_MAX bytes), which fits behind "PATH: ".
 */
int safe_read(const char *path, size_t most, bool may_wait, struct safe_text *ret, char *error);

#endif
