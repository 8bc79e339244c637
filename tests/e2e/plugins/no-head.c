/* SPDX-License-Identifier: MIT */
/*
 * no-head: its description does not begin as the header says.
 */
#include "ordinary.h"

const struct shiny_plugin shiny_plugin = {
	.name = "no-head",
	.version = "1",
};
