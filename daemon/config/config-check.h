/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with values that are right one by one, as far as shinyd itself can tell.
 *
 * Called by config-load.c. What only a plugin can tell is found out by a probe.
 */
#ifndef SHINYD_CONFIG_CHECK_H
#define SHINYD_CONFIG_CHECK_H

#include "config/config.h"

/* config_check() - look at every section, and find out who its user is */
void config_check(struct config *config, struct problems *problems);

#endif
