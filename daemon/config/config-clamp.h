/* SPDX-License-Identifier: MIT */
/*
 * What a configuration asks for, lowered to what the system allows.
 *
 * This comes right after the configuration is read, so that nobody ever sees a value that cannot be
 * had. Nothing is logged here: config_setting() still has what was set, and an adjustment says what
 * is in effect instead, and why.
 *
 * Called by main.c and by reload.c.
 */
#ifndef SHINYD_CONFIG_CLAMP_H
#define SHINYD_CONFIG_CLAMP_H

#include "config/config.h"

/* config_clamp() - keep max_connections below what @descriptors a process may open allow */
void config_clamp(struct config *config, unsigned descriptors);

#endif
