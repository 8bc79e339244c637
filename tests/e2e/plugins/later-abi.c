/* SPDX-License-Identifier: MIT */
/*
 * later-abi: was built for an ABI that is yet to come.
 */
#include "ordinary.h"

const struct shiny_plugin shiny_plugin = {
	.abi = SHINY_PLUGIN_ABI + 1,
	.size = sizeof(struct shiny_plugin),
	.param_size = sizeof(struct shiny_param),
	.name = "later-abi",
	.version = "1",
};
