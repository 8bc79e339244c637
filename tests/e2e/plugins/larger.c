/* SPDX-License-Identifier: MIT */
/*
 * larger: was built with a header whose structures have grown.
 */
#include "ordinary.h"

#include <stdio.h>
#include <string.h>

struct larger_param {
	struct shiny_param known;
	const char *news[3];
};

static const struct larger_param parameters[] = {
	{ .known = { .key = "first", .type = SHINY_TYPE_INTEGER, .default_value = "1" } },
	{ .known = { .key = "second", .type = SHINY_TYPE_INTEGER, .default_value = "2" } },
	{ .known = { NULL } },
};

/* Fails with what it was given, for the test to see. */
static int check(const struct shiny_value *values, char *error)
{
	snprintf(error, SHINY_ERROR_MAX, "first %d second %d", (int)values[0].number,
		 (int)values[1].number);
	return -1;
}

struct larger_plugin {
	struct shiny_plugin known;
	void *news[8];
};

extern const struct larger_plugin larger SHINY_EXPORT_AS("shiny_plugin");

const struct larger_plugin larger = {
	.known = {
		.abi = SHINY_PLUGIN_ABI,
		.size = sizeof(struct larger_plugin),
		.param_size = sizeof(struct larger_param),
		.name = "larger",
		.version = "2",
		.parameters = &parameters[0].known,
		.check = check,
	},
};
