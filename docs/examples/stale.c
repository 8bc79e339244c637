/* SPDX-License-Identifier: MIT */
/*
 * stale: a plugin with a bug, to be found by the library's debugging mode. What a client sends goes to the client that
 * was last to send something. The plugin keeps a pointer to that connection, also after it has ended. It should keep
 * shiny_id(), and ask shiny_server_find() for the connection.
 */
#include <shiny-plugin.h>

static struct shiny_conn *last;

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	if (last && last != conn && shiny_write(last, data, len) < 0) {
		last = NULL;
	}
	last = conn;
	return true;
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "stale",
	.version = "1.0",
	.summary = "to the client that was last to send, with a bug",
};
/* clang-format on */
