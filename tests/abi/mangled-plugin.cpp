// SPDX-License-Identifier: MIT
//
// The description to mangled-handle.cpp.
#include <shiny-plugin.h>

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "mangled-cpp",
	.version = "1.0",
};
