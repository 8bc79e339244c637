/* SPDX-License-Identifier: MIT */
/*
 * unresolved: calls what nobody has.
 */
#include "ordinary.h"

void nobody_has_this(void);

bool on_tick(void *ctx)
{
	(void)ctx;
	nobody_has_this();
	return true;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "unresolved",
	.version = "1",
};
