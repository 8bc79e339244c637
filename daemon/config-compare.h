/* SPDX-License-Identifier: MIT */
/*
 * Whether a section of a new configuration asks for other workers than those that run.
 */
#ifndef SHINYD_CONFIG_COMPARE_H
#define SHINYD_CONFIG_COMPARE_H

#include "config.h"

/*
 * config_needs_replacement() - what differs cannot be applied to workers that run
 *
 * Live keys can, and do not count. The plugin's file and the user count.
 */
bool config_needs_replacement(const struct config *old_config, const struct config_section *old,
			      const struct config *new_config, const struct config_section *new);

#endif
