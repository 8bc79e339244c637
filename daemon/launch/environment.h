/* SPDX-License-Identifier: MIT */
/*
 * The environment of processes that run plugins: what plugins, the libraries that they use and the
 * dynamic linker may need, and no more.
 *
 * What the service manager tells shinyd is for shinyd alone.
 */
#ifndef SHINYD_ENVIRONMENT_H
#define SHINYD_ENVIRONMENT_H

/*
 * environment_list() - those variables of this process, ending with NULL
 *
 * Owner:   the list is the caller's, for g_free(); what it points to is the process's.
 */
char **environment_list(void);

#endif
