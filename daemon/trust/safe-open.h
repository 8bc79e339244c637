/* SPDX-License-Identifier: MIT */
/*
 * Files that the supervisor reads or appends to, opened so that none of them can hold it up.
 *
 * A FIFO that has no other end, a device, a file without an end, a file that others may write to:
 * each is recognised before it is opened, or by its descriptor, and refused. The supervisor opens
 * no file in any other way.
 */
#ifndef SHINYD_SAFE_OPEN_H
#define SHINYD_SAFE_OPEN_H

#include "trust/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct safe_text {
	char *data; /* with a NUL behind it */
	size_t len;
	bool world_readable;
};

/*
 * safe_read() - all that a file holds, at most @most bytes
 *
 * @may_wait is for when nothing is served yet: then a pipe, as of "-c <(generate)", and a terminal
 * that is standard input are read, too, until they end.
 *
 * Owner:   ret->data is the caller's, for g_free().
 * Returns: 0; -ESPIPE (such a pipe or terminal, and not @may_wait), -EINVAL (nothing that can be
 *          read), -EFBIG (too long), -EPERM (others may write to it) or -errno, with the reason in
 *          @error (TRUST_ERROR_MAX bytes), which fits behind "PATH: ".
 */
int safe_read(const char *path, size_t most, bool may_wait, struct safe_text *ret, char *error);

/*
 * safe_append() - open a file to append to, or make it, without waiting
 *
 * @path is absolute. No link is followed to the file itself, and to its folder by root none that
 * others can make. It may be a FIFO or a device, as a terminal is.
 *
 * Owner:   the descriptor, which does not wait either, is the caller's.
 * Returns: it; -ENXIO for a FIFO that nobody reads; -EPERM where others choose what is written to;
 *          or -errno. The reason is in @error (TRUST_ERROR_MAX bytes) and fits behind "PATH: ".
 */
int safe_append(const char *path, mode_t mode, char *error);

#endif
