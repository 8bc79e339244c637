/* SPDX-License-Identifier: MIT */
/*
 * smaller: was built with a header whose struct shiny_plugin ended before persistent. What is in
 * memory behind it is not the host's to read.
 */
#include "ordinary.h"

static bool fail(const struct shiny_value *values)
{
	(void)values;
	__builtin_trap();
}

static const struct shiny_handlers wrong = { .handle = NULL };

const struct shiny_plugin shiny_plugin = {
	.abi = SHINY_PLUGIN_ABI,
	.size = offsetof(struct shiny_plugin, persistent),
	.param_size = sizeof(struct shiny_param),
	.name = "smaller",
	.version = "1",
	.flags = SHINY_PLUGIN_STATEFUL,
	.persistent = fail,
	.handlers = &wrong,
};
