/* SPDX-License-Identifier: MIT */
/*
 * clash: a parameter of it has the name of a key of the host's.
 */
#include "ordinary.h"

static const struct shiny_param parameters[] = {
	{ .key = "watchdog", .type = SHINY_TYPE_DURATION },
	{ NULL },
};

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "clash",
	.version = "1",
	.parameters = parameters,
};
