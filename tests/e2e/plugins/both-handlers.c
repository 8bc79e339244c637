/* SPDX-License-Identifier: MIT */
/*
 * both-handlers: exports its handle and points to it, too.
 */
#include "ordinary.h"

static const struct shiny_handlers handlers = { .handle = on_handle };

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "both-handlers",
	.version = "1",
	.handlers = &handlers,
};
