/* SPDX-License-Identifier: MIT */
/*
 * The plugins of a whole configuration, probed several at a time.
 *
 * Called by actions.c, where nothing else is to be done meanwhile.
 */
#ifndef SHINYD_PROBE_ALL_H
#define SHINYD_PROBE_ALL_H

#include "config/config.h"

/*
 * probe_all() - probe the plugins of all [server] sections of @config, or of @only
 *
 * @folders is the plugin path. What is wrong is added to @problems.
 */
void probe_all(struct config *config, const struct config_section *only, char *const *folders,
	       struct problems *problems);

#endif
