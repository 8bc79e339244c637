/* SPDX-License-Identifier: MIT */
/*
 * mangled: its handle has the name that C++ gives it outside of the header.
 */
#include <shiny-plugin.h>

bool mangled(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
	SHINY_EXPORT_AS("_Z6handleP10shiny_connPKcmPv");

bool mangled(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "mangled",
	.version = "1",
};
