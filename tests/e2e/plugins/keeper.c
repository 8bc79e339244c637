/* SPDX-License-Identifier: MIT */
/*
 * keeper: exclusive and stateful. A connection is told how many there were; load fails on request.
 */
#include <shiny-plugin.h>
#include <stdio.h>
#include <string.h>

enum {
	PERSISTENT,
	FAIL,
	TAG,
};

static const struct shiny_param parameters[] = {
	[PERSISTENT] = { .key = "persistent", .type = SHINY_TYPE_BOOL, .preset = "no" },
	[FAIL] = { .key = "fail", .type = SHINY_TYPE_BOOL, .preset = "no" },
	[TAG] = { .key = "tag", .type = SHINY_TYPE_STRING, .preset = "none" },
	{ NULL },
};

static unsigned count; /* a test plugin's, whose process has one section */

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	char reply[32];

	(void)data;
	(void)len;
	(void)ctx;
	snprintf(reply, sizeof(reply), "%u\n", ++count);
	return shiny_write(conn, reply, strlen(reply)) == 0;
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	(void)host;
	(void)ret_ctx;
	snprintf(error, SHINY_ERROR_MAX, "as it was told to");
	return values[FAIL].number ? -1 : 0;
}

static bool persistent(const struct shiny_value *values)
{
	return values[PERSISTENT].number;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,	  .name = "keeper",
	.version = "1.0",	  .flags = SHINY_PLUGIN_EXCLUSIVE | SHINY_PLUGIN_STATEFUL,
	.parameters = parameters, .load = load,
	.persistent = persistent,
};
