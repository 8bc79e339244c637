/* SPDX-License-Identifier: MIT */
/*
 * exclusive: bears no second worker beside it.
 */
#include "ordinary.h"

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "exclusive",
	.version = "1",
	.flags = SHINY_PLUGIN_EXCLUSIVE,
};
