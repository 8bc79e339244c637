/* SPDX-License-Identifier: MIT */
/*
 * fan-out: a plugin that sends each line to all clients but the one that it came from, which gets the number of
 * clients that it was queued for.
 *
 * Each client has a queue of its own, and one that does not read must not fill the memory. Past queue_max a client
 * misses lines until it has read all that is queued; then a line "missed N" tells it how many. Or it is disconnected:
 * when_full = disconnect.
 */
#include <shiny-plugin.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (64 * 1024)
/* A publisher that sends many lines at once lets others have their turn after so many writes. */
#define WRITES_MAX 10000

enum when_full {
	WHEN_FULL_SKIP,
	WHEN_FULL_DISCONNECT
};

struct reader {
	uint64_t missed; /* lines, since the client was last told */
};

struct fan_out {
	struct shiny_server *server;
	size_t queue_max;
	enum when_full when_full;
	size_t behind; /* readers that have missed lines */
};

static void write_missed(struct fan_out *app, struct shiny_conn *conn, struct reader *reader)
{
	char text[48];
	int len = snprintf(text, sizeof(text), "missed %" PRIu64 "\n", reader->missed);

	if (shiny_write(conn, text, (size_t)len) == 0) {
		reader->missed = 0;
		app->behind--;
	}
}

static bool has_room(const struct fan_out *app, const struct shiny_conn *conn,
		     const struct reader *reader, size_t len)
{
	if (reader->missed > 0) {
		return shiny_unsent(conn) == 0;
	}
	return shiny_unsent(conn) + len <= app->queue_max;
}

/* Whether the line is queued. */
static bool deliver(struct fan_out *app, struct shiny_conn *conn, const char *line, size_t len)
{
	struct reader *reader = shiny_user(conn);

	if (!has_room(app, conn, reader, len)) {
		if (app->when_full == WHEN_FULL_DISCONNECT) {
			shiny_abort(conn);
		} else if (reader->missed++ == 0) {
			app->behind++;
		}
		return false;
	}
	if (reader->missed > 0) {
		write_missed(app, conn, reader);
	}
	return shiny_write(conn, line, len) == 0;
}

/* Returns for how many clients the line was queued; adds to *@writes how many were looked at. */
static unsigned publish(struct fan_out *app, const struct shiny_conn *from, const char *line,
			size_t len, unsigned *writes)
{
	struct shiny_conn *conn = NULL;
	unsigned delivered = 0;

	while ((conn = shiny_server_next(app->server, conn))) {
		++*writes;
		if (conn != from) {
			delivered += deliver(app, conn, line, len);
		}
	}
	return delivered;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct fan_out *app = ctx;
	unsigned writes = 0;

	while (len > 0 && writes < WRITES_MAX && !shiny_congested(conn)) {
		const char *end = memchr(data, '\n', len);
		char text[16];
		size_t line;
		int n;

		if (!end) {
			return len < LINE_MAX_BYTES && shiny_unread(conn, len, len + 1) == 0;
		}
		line = (size_t)(end + 1 - data);
		if (line > LINE_MAX_BYTES) {
			return false;
		}
		n = snprintf(text, sizeof(text), "%u\n", publish(app, conn, data, line, &writes));
		if (shiny_write(conn, text, (size_t)n) < 0) {
			return false;
		}
		data += line;
		len -= line;
	}
	return shiny_unread(conn, len, 0) == 0;
}

/* One that has caught up is told what it missed, also if nothing more is published. */
bool on_tick(void *ctx)
{
	struct fan_out *app = ctx;
	struct shiny_conn *conn = NULL;

	while (app->behind > 0 && (conn = shiny_server_next(app->server, conn))) {
		struct reader *reader = shiny_user(conn);

		if (reader->missed > 0 && shiny_unsent(conn) == 0) {
			write_missed(app, conn, reader);
		}
	}
	return true;
}

bool on_accept(struct shiny_conn *conn, void *ctx)
{
	struct reader *reader = calloc(1, sizeof(*reader));

	(void)ctx;
	shiny_set_user(conn, reader);
	return reader != NULL;
}

void on_closed(struct shiny_conn *conn, int error, void *ctx)
{
	struct fan_out *app = ctx;
	struct reader *reader = shiny_user(conn);

	(void)error;
	app->behind -= reader->missed > 0;
	free(reader);
}

enum param {
	PARAM_QUEUE_MAX,
	PARAM_WHEN_FULL,
};

static const char *const when_full_choices[] = {
	[WHEN_FULL_SKIP] = "skip",
	[WHEN_FULL_DISCONNECT] = "disconnect",
	NULL,
};

static const struct shiny_param parameters[] = {
	[PARAM_QUEUE_MAX] = {
		.key = "queue_max",
		.type = SHINY_TYPE_SIZE,
		.default_value = "1M",
		.min = LINE_MAX_BYTES,
		.max = 32 << 20,
		.help = "bytes that wait for a client at most",
	},
	[PARAM_WHEN_FULL] = {
		.key = "when_full",
		.type = SHINY_TYPE_ENUM,
		.default_value = "skip",
		.choices = when_full_choices,
		.help = "what happens to a client for which more than that would wait",
	},
	{ .key = NULL },
};

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct fan_out *app = calloc(1, sizeof(*app));

	(void)error;
	if (!app) {
		return -ENOMEM;
	}
	app->server = host->server;
	app->queue_max = (size_t)values[PARAM_QUEUE_MAX].number;
	app->when_full = (enum when_full)values[PARAM_WHEN_FULL].number;
	*ret_ctx = app;
	return 0;
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "fan-out",
	.version = "1.0",
	.summary = "each line to all other clients",
	/* The clients of another worker would get nothing. */
	.flags = SHINY_PLUGIN_EXCLUSIVE,
	.parameters = parameters,
	.load = load,
	.unload = free,
};
/* clang-format on */
