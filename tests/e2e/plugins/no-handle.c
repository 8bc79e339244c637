/* SPDX-License-Identifier: MIT */
/*
 * no-handle: has a description and no handle.
 */
#include <shiny-plugin.h>

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "no-handle",
	.version = "1",
};
