/* SPDX-License-Identifier: MIT */
/*
 * Whether a file could be replaced by just anybody.
 */
#ifndef SHINYD_TRUST_H
#define SHINYD_TRUST_H

#include <limits.h>

/* Room for what is wrong with a path of any length. */
#define TRUST_ERROR_MAX (PATH_MAX + 64)

/*
 * trust_check() - may others write to @path, or to a folder on its way?
 *
 * A folder with the sticky bit may be written to: what is in there stays its owner's.
 *
 * Returns: 0; -EPERM with the culprit's name in @error (TRUST_ERROR_MAX bytes). What is not there is
 *          no matter here.
 */
int trust_check(const char *path, char *error);

/* trust_check_as_root() - the same where it is a danger: 0 for anybody but root */
int trust_check_as_root(const char *path, char *error);

#endif
