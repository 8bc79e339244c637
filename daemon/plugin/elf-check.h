/* SPDX-License-Identifier: MIT */
/*
 * Whether a file can be a plugin at all, found out before the dynamic linker gets it.
 *
 * dlopen(3) says little of use about a text file, and is killed by SIGBUS if the file is shorter
 * than its headers promise.
 *
 * Called by plugin.c and rpath.c.
 */
#ifndef SHINYD_ELF_CHECK_H
#define SHINYD_ELF_CHECK_H

/*
 * elf_check() - is @path a whole shared object for this machine?
 *
 * Returns: 0; negative with the reason in @error (SHINY_ERROR_MAX bytes), to stand behind "PATH ".
 */
int elf_check(const char *path, char *error);

#endif
