/* SPDX-License-Identifier: MIT */
/*
 * positive: fails with an errno, where its host expects a negative number.
 */
#include "ordinary.h"

#include <errno.h>

static const char *const choices[] = { "load", "check", NULL };

static const struct shiny_param parameters[] = {
	{ .key = "fail_in", .type = SHINY_TYPE_ENUM, .required = true, .choices = choices },
	{ NULL },
};

static int check(const struct shiny_value *values, char *error)
{
	(void)error;
	return values[0].number == 1 ? ENOTDIR : 0;
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	(void)host;
	(void)values;
	(void)error;
	*ret_ctx = NULL;
	return ENOTDIR;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,	  .name = "positive", .version = "1",
	.parameters = parameters, .check = check,     .load = load,
};
