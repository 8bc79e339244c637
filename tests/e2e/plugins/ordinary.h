/* SPDX-License-Identifier: MIT */
/*
 * The handle of test plugins that are about something else.
 */
#include <shiny-plugin.h>

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
}
