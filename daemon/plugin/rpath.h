/* SPDX-License-Identifier: MIT */
/*
 * Whether others could choose the libraries that a plugin loads: whoever may write to a folder of
 * its RPATH or RUNPATH can.
 *
 * Called in child processes only, as it reads a file that may be anything.
 */
#ifndef SHINYD_RPATH_H
#define SHINYD_RPATH_H

/*
 * rpath_check() - may others put a library into a folder of the RPATH or RUNPATH of @path?
 *
 * The rule is trust_check()'s, and it holds in folders with the sticky bit as well, where a library
 * may be new. The libraries themselves may have such a path of their own; they are not read.
 *
 * Reads a file that may be anything: for child processes only. What
 * elf_check() refuses has no such path.
 *
 * Returns: 0; -EPERM with the reason in @error (TRUST_ERROR_MAX bytes), which fits behind "PATH: ".
 */
int rpath_check(const char *path, char *error);

#endif
