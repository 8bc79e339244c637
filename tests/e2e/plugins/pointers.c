/* SPDX-License-Identifier: MIT */
/*
 * pointers: exports nothing but its description, which points to the event functions. It greets, it
 * answers with what it got, and says in the log when it ticks and when a connection has ended.
 */
#include <shiny-plugin.h>

static const struct shiny_host *host;
static bool has_ticked;

static bool greet(struct shiny_conn *conn, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, "hello\n", 6) == 0;
}

static bool answer(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
}

static void log_end(struct shiny_conn *conn, int error, void *ctx)
{
	(void)conn, (void)error, (void)ctx;
	host->log(host, SHINY_LOG_NOTICE, "a connection has ended");
}

static bool log_tick(void *ctx)
{
	(void)ctx;
	if (!has_ticked) {
		host->log(host, SHINY_LOG_NOTICE, "it ticks");
	}
	has_ticked = true;
	return true;
}

static int load(const struct shiny_host *the_host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	(void)values, (void)error, (void)ret_ctx;
	host = the_host;
	return 0;
}

static const struct shiny_handlers handlers = {
	.handle = answer,
	.accept = greet,
	.closed = log_end,
	.tick = log_tick,
};

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD, .name = "pointers", .version = "1", .load = load, .handlers = &handlers,
};
