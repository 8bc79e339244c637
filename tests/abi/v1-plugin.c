/* SPDX-License-Identifier: MIT */
/*
 * A plugin as it would have been built on the first day of ABI 1: with the headers in v1/, which
 * never change, and all that they offer to a plugin.
 *
 * The first byte of what a connection sends says what to do.
 */
#include <shiny-plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME 4

enum {
	COUNT,
	FLAG,
	SIZE,
	PAUSE,
	TEXT,
	FOLDER,
	COLOUR,
	KEY,
};

static const char *const colours[] = { "red", "blue", NULL };

static const struct shiny_param parameters[] = {
	[COUNT] = { "count", SHINY_TYPE_INTEGER, false, "7", -10, 10, NULL, "how many" },
	[FLAG] = { "flag", SHINY_TYPE_BOOL, false, "yes", 0, 0, NULL, "whether" },
	[SIZE] = { "size", SHINY_TYPE_SIZE, false, "64K", 0, 0, NULL, "how large" },
	[PAUSE] = { "pause", SHINY_TYPE_DURATION, false, "10s", 0, 0, NULL, "how long" },
	[TEXT] = { "text", SHINY_TYPE_STRING, true, NULL, 0, 0, NULL, "what" },
	[FOLDER] = { "folder", SHINY_TYPE_PATH, false, "/tmp", 0, 0, NULL, "where" },
	[COLOUR] = { "colour", SHINY_TYPE_ENUM, false, "blue", 0, 0, colours, "which" },
	[KEY] = { "key", SHINY_TYPE_SECRET, false, NULL, 0, 0, NULL, "who knows" },
	{ NULL, SHINY_TYPE_BOOL, false, NULL, 0, 0, NULL, NULL },
};

struct app {
	const struct shiny_host *host;
	const struct shiny_value *values;
	unsigned ticks, commits, closed;
};

static bool say(struct shiny_conn *conn, const char *text)
{
	return shiny_write(conn, text, strlen(text)) == 0;
}

static bool say_values(struct shiny_conn *conn, const struct app *app)
{
	const struct shiny_value *values = app->values;
	char text[256];

	snprintf(text, sizeof(text), "%d %d %d %d %s %s %s %s\n", (int)values[COUNT].number,
		 (int)values[FLAG].number, (int)values[SIZE].number, (int)values[PAUSE].number,
		 values[TEXT].text, values[FOLDER].text, values[COLOUR].text,
		 values[KEY].text != NULL ? values[KEY].text : "-");
	return say(conn, text);
}

static bool say_counts(struct shiny_conn *conn, const struct app *app)
{
	char *room = shiny_reserve(conn, 64);

	shiny_produce(conn, (size_t)snprintf(room, 64, "%s %s %u\n", app->ticks > 0 ? "ticks" : "-",
					     app->commits > 0 ? "commits" : "-", app->closed));
	return true;
}

static bool say_peer(struct shiny_conn *conn)
{
	char peer[SHINY_ADDRESS_MAX];
	bool found = shiny_server_find(shiny_server_of(conn), shiny_id(conn)) == conn;

	return shiny_peer(conn, peer, sizeof(peer)) == 0 && say(conn, found ? peer : "lost") &&
	       say(conn, "\n");
}

/* The answer is owed until the wake comes. */
static bool wake_later(struct shiny_conn *conn, const struct app *app)
{
	shiny_hold(conn);
	shiny_pause(conn);
	shiny_server_wake(app->host->server, shiny_id(conn));
	return true;
}

static bool answer_wake(struct shiny_conn *conn)
{
	shiny_resume(conn);
	shiny_release(conn);
	return say(conn, "woken\n");
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct app *app = ctx;

	if (len == 0) {
		return answer_wake(conn);
	}
	switch (*data) {
	case 'a':
		shiny_abort(conn);
		return true;
	case 'c':
		shiny_close(conn);
		return true;
	case 'd':
		shiny_set_deadline(conn, 50);
		return true;
	case 'l':
		app->host->log(app->host, SHINY_LOG_NOTICE, "logged");
		return say(conn,
			   shiny_unsent(conn) == 0 && !shiny_congested(conn) ? "empty\n" : "-");
	case 'n':
		return say_counts(conn, app);
	case 'p':
		return say_peer(conn);
	case 'u':
		return len < FRAME ? shiny_unread(conn, len, FRAME) == 0 : say(conn, "framed\n");
	case 'v':
		return say_values(conn, app);
	case 'w':
		return wake_later(conn, app);
	}
	return false;
}

bool on_accept(struct shiny_conn *conn, void *ctx)
{
	shiny_set_user(conn, ctx);
	return say(conn, "hello\n");
}

void on_closed(struct shiny_conn *conn, int error, void *ctx)
{
	struct app *app = ctx;

	(void)error;
	app->closed += shiny_user(conn) == app;
}

bool on_tick(void *ctx)
{
	struct app *app = ctx;

	app->ticks++;
	return true;
}

static int commit(void *ctx)
{
	struct app *app = ctx;

	app->commits++;
	return 0;
}

static int check(const struct shiny_value *values, char *error)
{
	snprintf(error, SHINY_ERROR_MAX, "count is unlucky");
	return values[COUNT].number == 4 ? -1 : 0;
}

static bool persistent(const struct shiny_value *values)
{
	return values[FLAG].number != 0;
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct app *app = calloc(1, sizeof(*app));

	(void)error;
	app->host = host;
	app->values = values;
	*ret_ctx = app;
	return 0;
}

static void unload(void *ctx)
{
	const struct app *app = ctx;

	app->host->log(app->host, SHINY_LOG_NOTICE, "unloaded");
	free(ctx);
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "v1-plugin",
	.version = "1.0",
	.summary = "built long ago",
	.parameters = parameters,
	.check = check,
	.load = load,
	.unload = unload,
	.commit = commit,
	.persistent = persistent,
};
