/* SPDX-License-Identifier: MIT */
/*
 * small: its description is smaller than any that there ever was.
 */
#include "ordinary.h"

const struct shiny_plugin shiny_plugin = {
	.abi = SHINY_PLUGIN_ABI,
	.size = offsetof(struct shiny_plugin, check),
	.param_size = sizeof(struct shiny_param),
	.name = "small",
	.version = "1",
};
