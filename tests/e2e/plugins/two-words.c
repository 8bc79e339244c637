/* SPDX-License-Identifier: MIT */
/*
 * two-words: its name is no word.
 */
#include "ordinary.h"

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "two words",
	.version = "1",
};
