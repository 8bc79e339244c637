/* SPDX-License-Identifier: MIT */
/*
 * Settings of the command line (-o), which take the place of those in the file.
 *
 * Called by config-load.c.
 */
#ifndef SHINYD_CONFIG_OVERRIDE_H
#define SHINYD_CONFIG_OVERRIDE_H

#include "config/config.h"

/* config_override() - @overrides are SECTION.KEY=VALUE each, ending with NULL; or NULL */
void config_override(struct config *config, char *const *overrides, struct problems *problems);

#endif
