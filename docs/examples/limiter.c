/* SPDX-License-Identifier: MIT */
/*
 * limiter: a rate limiter for Redis's clients. TAKE key count seconds allows count requests in any seconds, and
 * replies how many are left behind this one; -1: it is refused. Many keys share some slots, so memory never grows.
 */
#include <shiny-plugin.h>
#include <shiny-resp.h>
#include <time.h>

static void take(struct shiny_resp_call *call)
{
	static int64_t paid_ns[1 << 20]; /* when all that was taken is given back */
	int64_t count, seconds, now_ns, left, *slot;
	uint32_t hash = 2166136261; /* FNV-1a */
	struct timespec now;

	if (!shiny_resp_take_integer(call, 2, 1, 30000, &count) ||
	    !shiny_resp_take_integer(call, 3, 1, 1000000, &seconds)) {
		return;
	}
	for (size_t i = 0; i < call->argv[1].len; i++) {
		hash = (hash ^ (unsigned char)call->argv[1].data[i]) * 16777619;
	}
	slot = &paid_ns[hash >> 12];
	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
	*slot = *slot < now_ns ? now_ns : *slot;
	left = (now_ns + seconds * 1000000000 - *slot) / (seconds * 1000000000 / count) - 1;
	*slot += left < 0 ? 0 : seconds * 1000000000 / count;
	shiny_resp_integer(call->reply, left < 0 ? -1 : left);
}

static const struct shiny_resp_command commands[] = { { "take", 4, 0, take },
						      SHINY_RESP_CONNECTION_COMMANDS,
						      { 0 } };

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	return shiny_resp_serve(ctx, conn, data, len, NULL);
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct shiny_resp *resp = NULL;
	int r = shiny_resp_create(commands, NULL, &resp);

	(void)host, (void)values, (void)error;
	*ret_ctx = resp;
	return r;
}

static void unload(void *ctx)
{
	shiny_resp_destroy(ctx);
}

const struct shiny_plugin shiny_plugin = { SHINY_PLUGIN_HEAD, .name = "limiter", .version = "1",
					   .load = load, .unload = unload };
