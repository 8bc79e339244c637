/* SPDX-License-Identifier: MIT */
/*
 * A plugin in this process: loaded, checked, and described in the host's own terms.
 *
 * Whatever size its structures had when it was built, here they have the host's; what it did not
 * know is zero. Loading runs the plugin's constructors. So only children of shinyd do it, and
 * --single.
 */
#ifndef SHINYD_PLUGIN_H
#define SHINYD_PLUGIN_H

#include "config/keys.h"

#include <shiny-plugin.h>

/* What the names of parameters are made of. */
#define PLUGIN_KEY_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

struct plugin {
	void *object; /* dlopen's; never closed, as its code may be in use where we cannot see */
	const void *base;		/* where it is mapped */
	struct shiny_plugin info;	/* without parameters: they are in keys */
	struct shiny_handlers handlers; /* its own functions only */
	struct key *keys;
	size_t n_keys;
};

/*
 * plugin_load() - map the file at @path and check all that a plugin must be
 *
 * Calls none of its functions, though the dynamic linker runs its constructors.
 *
 * Owner:   *@ret_plugin is the caller's, for plugin_finish().
 * Returns: 0; negative with the reason in @error (SHINY_ERROR_MAX bytes), which fits behind
 *          "PATH: ".
 */
int plugin_load(const char *path, struct plugin *ret_plugin, char *error);

void plugin_finish(struct plugin *plugin);

/*
 * plugin_result() - what the plugin's own function @name returned: 0, or negative where it failed
 *
 * A positive number, as of "return errno;", is no success. If the plugin has left @error empty
 * (SHINY_ERROR_MAX bytes) it is filled in here, so that no failure goes without a reason.
 */
int plugin_result(const char *name, int r, char *error);

/* plugin_base_of() - where the object is mapped that has @address in it; NULL: no object has */
const void *plugin_base_of(const void *address);

/* plugin_refuse() - what is wrong with a plugin, into @error (SHINY_ERROR_MAX bytes); -ENOEXEC */
int plugin_refuse(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
