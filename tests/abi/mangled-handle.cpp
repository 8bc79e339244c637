// SPDX-License-Identifier: MIT
//
// The handle of a plugin in C++ that forgets <shiny-plugin.h>, which would give it its bare name.
#include <shiny.h>

bool on_handle(shiny_conn *conn, const char *data, size_t len, void *)
{
	return shiny_write(conn, data, len) == 0;
}
