/* SPDX-License-Identifier: MIT */
/*
 * Secrets that everybody may read, and so are none; those in settings that are overridden count,
 * too.
 *
 * Called in a probe's child, where the plugin's table tells which of its parameters are secrets.
 */
#ifndef SHINYD_SECRETS_H
#define SHINYD_SECRETS_H

#include "config/config.h"

/* secrets_check() - add those of a section to @problems; @keys are its plugin's */
void secrets_check(const struct config_section *server, const struct key *keys, size_t n_keys,
		   struct problems *problems);

/*
 * secrets_warn() - those that the command line sets, which everybody sees in /proc/PID/cmdline
 *
 * Returns: a line of text for each, for g_free(); NULL: there are none.
 */
char *secrets_warn(const struct config_section *server, const struct key *keys, size_t n_keys);

#endif
