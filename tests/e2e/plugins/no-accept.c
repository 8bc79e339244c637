/* SPDX-License-Identifier: MIT */
/*
 * no-accept: has a handle and nothing else, but calls accept(2), so that libc's is in its reach.
 */
#include <shiny-plugin.h>
#include <sys/socket.h>

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0 && accept(-1, NULL, NULL) < 0;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "no-accept",
	.version = "1",
};
