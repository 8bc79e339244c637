/* SPDX-License-Identifier: MIT */
/*
 * Secrets that everybody may read, and so are none: not even where they are not used.
 */
#ifndef SHINYD_SECRETS_H
#define SHINYD_SECRETS_H

#include "config.h"

/* secrets_check() - add those of a section to @problems; @keys are its plugin's */
void secrets_check(const struct config_section *server, const struct key *keys, size_t n_keys,
		   struct problems *problems);

#endif
