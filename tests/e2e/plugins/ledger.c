/* SPDX-License-Identifier: MIT */
/*
 * ledger: answers each line of eight bytes with itself, and enters it in a file as it is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <shiny-plugin.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE 8

static const struct shiny_param parameters[] = {
	{ .key = "ledger", .type = SHINY_TYPE_PATH, .required = true },
	{ NULL },
};

static int ledger; /* a test plugin's, whose process has one section */

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	size_t whole = len - len % LINE;

	(void)ctx;
	return write(ledger, data, whole) == (ssize_t)whole &&
	       shiny_write(conn, data, whole) == 0 && shiny_unread(conn, len - whole, LINE) == 0;
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	(void)host;
	(void)ret_ctx;
	ledger = open(values[0].text, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (ledger < 0) {
		snprintf(error, SHINY_ERROR_MAX, "%s: %s", values[0].text, strerror(errno));
		return -errno;
	}
	return 0;
}

static void unload(void *ctx)
{
	(void)ctx;
	close(ledger);
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,	  .name = "ledger", .version = "1.0",
	.parameters = parameters, .load = load,	    .unload = unload,
};
