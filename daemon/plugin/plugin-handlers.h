/* SPDX-License-Identifier: MIT */
/*
 * The event functions of a plugin, found and checked.
 *
 * A plugin exports them by name, or points to them from its struct shiny_plugin, but not
 * both: which of two functions is meant must not depend on the reader. Either way they are
 * functions of the plugin's own object.
 *
 * Called by plugin.c only.
 */
#ifndef SHINYD_PLUGIN_HANDLERS_H
#define SHINYD_PLUGIN_HANDLERS_H

#include "plugin/plugin.h"

/*
 * plugin_find_handlers() - fill in @plugin's handlers, whose object, base and info are known
 *
 * Returns: 0; negative with the reason in @error, as plugin_load() does.
 */
int plugin_find_handlers(struct plugin *plugin, char *error);

#endif
