/* SPDX-License-Identifier: MIT */
/*
 * escapes: all that it says of itself would do something to a terminal.
 */
#include "ordinary.h"

#include <stdio.h>

#define ESCAPE "\x1b[31m\n\r\x7f"

static const struct shiny_param parameters[] = {
	{ .key = "colour",
	  .type = SHINY_TYPE_STRING,
	  .default_value = "red" ESCAPE,
	  .help = ESCAPE },
	{ .key = "fail", .type = SHINY_TYPE_BOOL, .default_value = "no" },
	{ NULL },
};

static int check(const struct shiny_value *values, char *error)
{
	snprintf(error, SHINY_ERROR_MAX, "failed" ESCAPE);
	return values[1].number != 0 ? -1 : 0;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD, .name = "escapes",	     .version = "1" ESCAPE,
	.summary = ESCAPE, .parameters = parameters, .check = check,
};
