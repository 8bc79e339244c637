/* SPDX-License-Identifier: MIT */
/*
 * What a section of a new configuration asks for that the workers which run cannot do.
 *
 * Called by rollout-plan.c.
 */
#ifndef SHINYD_CONFIG_COMPARE_H
#define SHINYD_CONFIG_COMPARE_H

#include "config/config.h"

/*
 * config_compare() - what only other workers could do: keys, the plugin's file, the user
 *
 * "FILE:LINE: KEY" each, of the new configuration. Live keys do not count.
 *
 * Owner:   the caller's, for g_strfreev(). Empty if the workers that run will do.
 */
char **config_compare(const struct config *old_config, const struct config_section *old,
		      const struct config *new_config, const struct config_section *new);

#endif
