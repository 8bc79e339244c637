/* SPDX-License-Identifier: MIT */
/*
 * rpath: is linked so that its libraries are looked for in a folder of the test's choice.
 */
#include "ordinary.h"

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "rpath",
	.version = "1",
};
