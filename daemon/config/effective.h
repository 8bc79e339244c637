/* SPDX-License-Identifier: MIT */
/*
 * The configuration as it is in effect: each key with its value and where that comes from.
 */
#ifndef SHINYD_EFFECTIVE_H
#define SHINYD_EFFECTIVE_H

#include "config/config.h"

#include <glib.h>

/*
 * effective_key() - append one key, a line for each time that it is set
 *
 * As shinyd.ini would have it, with the origin as a comment; secrets as "***". @adjustment may be
 * NULL.
 */
void effective_key(const struct key *key, const struct settings *settings,
		   const struct adjustment *adjustment, GString *text);

/* effective_section() - append a section, with what its plugin said of its parameters */
void effective_section(const struct config_section *section, GString *text);

/* effective_config() - append all of them */
void effective_config(const struct config *config, GString *text);

#endif
