/* SPDX-License-Identifier: MIT */
/*
 * System calls that no process which runs a plugin's code may make.
 *
 * It serves its section, and has no business with other processes, with the kernel's configuration
 * or with namespaces. What is refused fails with EPERM, for all threads and children of the process
 * and for good. Meson chooses syscall-filter.c, or syscall-filter-none.c where there is no
 * libseccomp.
 */
#ifndef SHINYD_SYSCALL_FILTER_H
#define SHINYD_SYSCALL_FILTER_H

/*
 * syscall_filter_install() - refuse them from now on, and new privileges by execve(2)
 *
 * To be called before there is another thread.
 *
 * Returns: 0; negative with the reason in @error (SHINY_ERROR_MAX bytes).
 */
int syscall_filter_install(char *error);

#endif
