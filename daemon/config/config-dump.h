/* SPDX-License-Identifier: MIT */
/*
 * The configuration in effect, as text: each key with its value and where that comes from.
 *
 * For --dump-config, for the status, and for what a probe reports of a plugin's parameters.
 */
#ifndef SHINYD_CONFIG_DUMP_H
#define SHINYD_CONFIG_DUMP_H

#include "config/config.h"

#include <glib.h>

/*
 * config_dump_key() - append one key, a line for each time that it is set
 *
 * As shinyd.ini would have it, with the origin as a comment; secrets as "***". @adjustment may be
 * NULL.
 */
void config_dump_key(const struct key *key, const struct settings *settings,
		     const struct adjustment *adjustment, GString *text);

/* config_dump_section() - append a section, with what its plugin said of its parameters */
void config_dump_section(const struct config_section *section, GString *text);

/* config_dump() - append all of them */
void config_dump(const struct config *config, GString *text);

#endif
