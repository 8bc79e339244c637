/* SPDX-License-Identifier: MIT */
/*
 * What a process that is going to run a plugin's code gives up before it does.
 */
#ifndef SHINYD_CONFINE_H
#define SHINYD_CONFINE_H

#include "launch/description.h"

/*
 * confine() - have the rights that @description says, for good, and end with the supervisor
 *
 * Signals get the actions that plugins may count on. SIGTERM is as it was.
 *
 * Returns: 0; negative with the reason in @error (SHINY_ERROR_MAX bytes), and no code of a plugin's
 *          must be run.
 */
int confine(const struct description *description, char *error);

#endif
