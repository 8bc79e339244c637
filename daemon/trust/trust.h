/* SPDX-License-Identifier: MIT */
/*
 * Whether other users could replace a file, or choose where root writes.
 *
 * The supervisor asks before it opens or runs anything: a file of its configuration, a plugin, a
 * log.
 */
#ifndef SHINYD_TRUST_H
#define SHINYD_TRUST_H

#include <limits.h>

/* The size of an error text, with a path of any length in it. */
#define TRUST_ERROR_MAX (PATH_MAX + 64)

/*
 * trust_check() - may others write to @path, or to a folder or link on its way?
 *
 * Others are everybody, and a user who owns the file itself and is neither root nor us; whom a
 * folder or its group belongs to has been given it. A folder with the sticky bit may be written to
 * by everybody, as what is in there stays its owner's: so that must be root or us.
 *
 * Returns: 0; -EPERM with the culprit's name in @error (TRUST_ERROR_MAX bytes). A path that
 *          does not exist is no error here.
 */
int trust_check(const char *path, char *error);

/*
 * trust_check_new() - may others make files in the folder @path, or make that folder?
 *
 * As trust_check(), and no folder with the sticky bit either: there is no owner yet to rely on.
 */
int trust_check_new(const char *path, char *error);

/* trust_check_as_root() - the same where it is a danger: 0 for anybody but root */
int trust_check_as_root(const char *path, char *error);

/*
 * trust_find() - what @path leads to, found without opening it
 *
 * Root finds only what trust_check() allows, link by link; and it is what was checked.
 *
 * Owner:   the descriptor (O_PATH) is the caller's.
 * Returns: it; -EPERM as trust_check(); or -errno. @error says which, and fits behind "PATH: ".
 */
int trust_find(const char *path, char *error);

/*
 * trust_find_folder() - the same for a folder in which something is to be made or changed
 *
 * Root follows only links that nobody else can make: the owner of a folder may choose what is in
 * it, but not where root writes.
 */
int trust_find_folder(const char *path, char *error);

/*
 * trust_check_target() - may root write to @fd, which it found in @folder?
 *
 * It may not if another user has put his own file into a folder for everybody, or could have given
 * a file of somebody else a second name there.
 *
 * Returns: 0, also for anybody but root; -EPERM with the reason in @error, which fits
 *          behind "PATH: ".
 */
int trust_check_target(int folder, int fd, char *error);

#endif
