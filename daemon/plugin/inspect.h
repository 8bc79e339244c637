/* SPDX-License-Identifier: MIT */
/*
 * What plugins say of themselves, for those who want to use them: --list-plugins, --describe.
 *
 * Each is loaded in a child process, as for a probe. Called by actions.c, and in the
 * child by entry.c.
 */
#ifndef SHINYD_INSPECT_H
#define SHINYD_INSPECT_H

#include "launch/description.h"
#include "util/exit-code.h"

/* inspect_list() - print a line for every plugin in @folders; why, for what cannot be used */
enum exit_code inspect_list(char *const *folders, const struct privileges *privileges);

/* inspect_describe() - print all that the plugin @name (or an absolute path) says of itself */
enum exit_code inspect_describe(const char *name, char *const *folders,
				const struct privileges *privileges);

/* inspect_run() - in the child: print what is described; returns what the process exits with */
int inspect_run(const struct description *description);

#endif
