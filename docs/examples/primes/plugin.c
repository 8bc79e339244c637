/* SPDX-License-Identifier: MIT */
/*
 * The C half of primes: the description of the plugin, and the event functions, which call into Go. Go cannot define a
 * const struct, and its own name for accept would be in the way of the C library's.
 */
#include <shiny-plugin.h>

#include "_cgo_export.h"

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return goHandle(conn, (char *)data, len);
}

void on_closed(struct shiny_conn *conn, int error, void *ctx)
{
	(void)error, (void)ctx;
	goClosed(conn);
}

static const struct shiny_param parameters[] = {
	{
		.key = "number_max",
		.type = SHINY_TYPE_INTEGER,
		.default_value = "1000000000",
		.min = 2,
		.max = INT64_C(1) << 40,
		.help = "the largest number that is looked at",
	},
	{ .key = NULL },
};

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	(void)error, (void)ret_ctx;
	goLoad((struct shiny_host *)host, values[0].number);
	return 0;
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "primes",
	.version = "1.0",
	.summary = "the prime factors of each number, in Go",
	.parameters = parameters,
	.load = load,
	.unload = goUnload,
};
/* clang-format on */
