/* SPDX-License-Identifier: MIT */
/*
 * wrong-handlers: points to event functions that cannot be its own. SHINYD_TEST_ROW is which mistake
 * it makes.
 */
#include <shiny-plugin.h>
#include <stdlib.h>

extern struct shiny_plugin mine SHINY_EXPORT_AS("shiny_plugin");

static bool answer(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
}

static struct shiny_handlers handlers;

struct shiny_plugin mine = {
	SHINY_PLUGIN_HEAD,
	.name = "wrong-handlers",
	.version = "1",
	.handlers = &handlers,
};

/* Memory that no object has. */
static void point_elsewhere(void)
{
	struct shiny_handlers *elsewhere = calloc(1, sizeof(*elsewhere));

	elsewhere->handle = answer;
	mine.handlers = elsewhere;
}

__attribute__((constructor)) static void choose(void)
{
	const char *row = getenv("SHINYD_TEST_ROW");

	switch (row != NULL ? atoi(row) : 0) {
	case 0:
		handlers.tick = NULL; /* and so are the others */
		break;
	case 1:
		point_elsewhere();
		break;
	case 2:
		handlers.handle = answer;
		handlers.accept = (bool (*)(struct shiny_conn *, void *))abort;
		break;
	default:
		handlers.handle = answer;
		handlers.tick = (bool (*)(void *))(uintptr_t)1;
		break;
	}
}
