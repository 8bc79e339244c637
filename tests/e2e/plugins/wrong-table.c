/* SPDX-License-Identifier: MIT */
/*
 * wrong-table: no value is right for its parameter. SHINYD_TEST_ROW is which mistake it makes.
 */
#include "ordinary.h"

#include <stdlib.h>

static const char *const none[] = { NULL };

static const struct shiny_param rows[] = {
	{ .key = "x", .type = SHINY_TYPE_INTEGER, .min = 1 },
	{ .key = "x", .type = SHINY_TYPE_SIZE, .min = 2048, .max = 1024 },
	{ .key = "x", .type = SHINY_TYPE_ENUM },
	{ .key = "x", .type = SHINY_TYPE_ENUM, .choices = none },
	{ .key = "x", .type = SHINY_TYPE_STRING, .required = true, .default_value = "y" },
	{ .key = "x y", .type = SHINY_TYPE_STRING },
	{ .key = "x", .type = SHINY_TYPE_BOOL, .default_value = "maybe" },
	{ .key = "x", .type = SHINY_TYPE_MAX },
};

static struct shiny_param parameters[2];

__attribute__((constructor)) static void choose(void)
{
	const char *row = getenv("SHINYD_TEST_ROW");

	parameters[0] = rows[row != NULL ? atoi(row) : 0];
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "wrong-table",
	.version = "1",
	.parameters = parameters,
};
