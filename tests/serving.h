/* SPDX-License-Identifier: MIT */
/*
 * A server on a thread of its own, as most tests of libshiny need one.
 *
 * It stands between the library and the test's handlers and checks at each call what must hold in
 * every test: events come on the serving thread and never nest, ids are never 0 and never used
 * twice, an accepted connection is reported closed exactly once, and nothing happens to one that
 * is not open. What happened can be waited for: latch_await(&s->closes, 2).
 *
 *     struct serving *s = serving_start(&(struct shiny_handlers){ .handle = echo }, NULL, NULL);
 *     int fd = client_connect(s->address);
 *     ...
 *     serving_stop(s);
 */
#ifndef TESTS_SERVING_H
#define TESTS_SERVING_H

#include <glib.h>
#include <shiny.h>

#include "harness.h"

struct serving {
	struct shiny_server *server;
	char address[SHINY_ADDRESS_MAX]; /* of the first listener */
	int result;			 /* of shiny_server_run(), once it is finished */

	struct latch accepts; /* refused ones not counted */
	struct latch refusals;
	struct latch handles; /* calls with data */
	struct latch wakes;   /* calls without */
	struct latch
		bytes; /* given to handle; what was given back with shiny_unread() counts again */
	struct latch closes;
	struct latch ticks;
	struct latch commits;
	struct latch finished;

	/* The test's. */
	struct shiny_handlers handlers;
	int (*commit)(void *ctx);
	void *ctx;

	/* Private. */
	GThread *thread, *serving_thread;
	gint last_error; /* atomic */
	gint inside;	 /* an event function is running */
	GHashTable *open, *seen;
};

/*
 * The backend of servers whose options name none (NULL is the library's choice), and whether all of
 * them run in debugging mode.
 */
void serving_set_defaults(const char *backend, bool debug);

/*
 * A server that does not listen or run yet. @handlers, @options and @ctx are those of
 * shiny_server_create(); @options may be NULL.
 */
struct serving *serving_create(const struct shiny_handlers *handlers,
			       const struct shiny_options *options, void *ctx);
void serving_listen(struct serving *s, const char *address);
/* Runs it on a thread, and returns when the first tick has come or the run has ended. */
void serving_run(struct serving *s);

/* All three, on a free port of 127.0.0.1. */
struct serving *serving_start(const struct shiny_handlers *handlers,
			      const struct shiny_options *options, void *ctx);

/* Waits until the run has ended by itself, and joins its thread. Returns the run's result. */
int serving_join(struct serving *s);

/* Joins if that was not done, checks that nothing was left open, and frees it. */
void serving_destroy(struct serving *s);

/* Stops, joins, destroys; the run must have been successful. */
void serving_stop(struct serving *s);

/* What the latest closed call reported. */
int serving_last_error(struct serving *s);

/* A connection that echoes what it gets: the handler of most tests. */
bool serving_echo(struct shiny_conn *conn, const char *data, size_t len, void *ctx);

#endif
