/* SPDX-License-Identifier: MIT */
/*
 * Where a plugin has its libraries looked for: who may write there chooses what is loaded.
 */
#ifndef SHINYD_RPATH_H
#define SHINYD_RPATH_H

/*
 * rpath_check() - may others put a library into a folder of the RPATH or RUNPATH of @path?
 *
 * As trust_check() judges, and in a folder with the sticky bit, too, for there a library may be new.
 * The libraries themselves may have such a path of their own; they are not looked into.
 *
 * Reads a file that may be anything: for children only. What elf_check() refuses has no such path.
 *
 * Returns: 0; -EPERM with the reason in @error (TRUST_ERROR_MAX bytes), which fits behind "PATH: ".
 */
int rpath_check(const char *path, char *error);

#endif
