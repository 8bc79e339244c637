// SPDX-License-Identifier: MIT
//
// A plugin in C++: both headers compile, and the event functions get their bare names.
#include <shiny.h>

#include <shiny-plugin.h>

bool on_handle(shiny_conn *conn, const char *data, size_t len, void *)
{
	return shiny_write(conn, data, len) == 0;
}

bool on_accept(shiny_conn *conn, void *)
{
	return shiny_write(conn, "hello\n", 6) == 0;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "cplusplus",
	.version = "1.0",
};
