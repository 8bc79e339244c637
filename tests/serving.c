/* SPDX-License-Identifier: MIT */
#include "serving.h"
#include "harness.h"

static const char *default_backend;
static bool default_debug;

void serving_set_defaults(const char *backend, bool debug)
{
	default_backend = backend;
	default_debug = debug;
}

static void enter(struct serving *s)
{
	g_assert_true(g_thread_self() == s->serving_thread);
	g_assert_true(g_atomic_int_compare_and_exchange(&s->inside, 0, 1));
}

static void leave(struct serving *s)
{
	g_atomic_int_set(&s->inside, 0);
}

static gint64 *key_of(uint64_t id)
{
	gint64 *key = g_new(gint64, 1);

	*key = (gint64)id;
	return key;
}

static bool is_open(struct serving *s, struct shiny_conn *conn)
{
	gint64 key = (gint64)shiny_id(conn);

	return g_hash_table_lookup(s->open, &key) == conn;
}

static bool serve_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct serving *s = ctx;
	bool keep;

	enter(s);
	g_assert_true(is_open(s, conn));
	g_assert_nonnull(data);
	keep = s->handlers.handle(conn, data, len, s->ctx);
	leave(s);
	latch_add(len ? &s->handles : &s->wakes, 1);
	latch_add(&s->bytes, len);
	return keep;
}

static bool serve_accept(struct shiny_conn *conn, void *ctx)
{
	struct serving *s = ctx;
	bool accepted;

	enter(s);
	g_assert_true(shiny_id(conn) != 0);
	g_assert_true(shiny_server_of(conn) == s->server);
	g_assert_true(g_hash_table_add(s->seen, key_of(shiny_id(conn))));
	accepted = !s->handlers.accept || s->handlers.accept(conn, s->ctx);
	if (accepted) {
		g_hash_table_insert(s->open, key_of(shiny_id(conn)), conn);
	}
	leave(s);
	latch_add(accepted ? &s->accepts : &s->refusals, 1);
	return accepted;
}

static void serve_closed(struct shiny_conn *conn, int error, void *ctx)
{
	struct serving *s = ctx;
	gint64 key = (gint64)shiny_id(conn);

	enter(s);
	g_assert_true(is_open(s, conn));
	g_assert_cmpint(error, >=, 0);
	if (s->handlers.closed) {
		s->handlers.closed(conn, error, s->ctx);
	}
	g_assert_true(g_hash_table_remove(s->open, &key));
	leave(s);
	g_atomic_int_set(&s->last_error, error);
	latch_add(&s->closes, 1);
}

static bool serve_tick(void *ctx)
{
	struct serving *s = ctx;
	bool go_on;

	enter(s);
	go_on = !s->handlers.tick || s->handlers.tick(s->ctx);
	leave(s);
	latch_add(&s->ticks, 1);
	return go_on;
}

static int serve_commit(void *ctx)
{
	struct serving *s = ctx;
	int result;

	enter(s);
	result = s->commit(s->ctx);
	leave(s);
	latch_add(&s->commits, 1);
	return result;
}

struct serving *serving_create(const struct shiny_handlers *handlers,
			       const struct shiny_options *options, void *ctx)
{
	struct serving *s = g_new0(struct serving, 1);
	struct shiny_options opts = SHINY_OPTIONS;
	struct shiny_handlers checked = {
		.handle = handlers->handle ? serve_handle : NULL,
		.accept = serve_accept,
		.closed = serve_closed,
		.tick = serve_tick,
	};

	if (options) {
		opts = *options;
	}
	if (!opts.backend) {
		opts.backend = default_backend;
	}
	if (default_debug) {
		opts.debug = 1;
	}
	s->handlers = *handlers;
	s->commit = opts.commit;
	s->ctx = ctx;
	s->open = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	s->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	if (s->commit) {
		opts.commit = serve_commit;
	}
	g_assert_cmpint(shiny_server_create(&checked, &opts, s, &s->server), ==, 0);
	return s;
}

void serving_listen(struct serving *s, const char *address)
{
	g_assert_cmpint(shiny_server_listen(s->server, address), ==, 0);
	g_assert_cmpint(shiny_server_address(s->server, 0, s->address, sizeof(s->address)), ==, 0);
}

static gpointer run_thread(gpointer data)
{
	struct serving *s = data;

	s->serving_thread = g_thread_self();
	s->result = shiny_server_run(s->server);
	latch_add(&s->finished, 1);
	latch_add(&s->ticks, 1); /* for one that waits in serving_run() for a run that failed */
	return NULL;
}

void serving_run(struct serving *s)
{
	uint64_t ticks = latch_count(&s->ticks);

	g_assert_null(s->thread);
	s->thread = g_thread_new("serving", run_thread, s);
	latch_await(&s->ticks, ticks + 1);
}

struct serving *serving_start(const struct shiny_handlers *handlers,
			      const struct shiny_options *options, void *ctx)
{
	struct serving *s = serving_create(handlers, options, ctx);

	serving_listen(s, "tcp://127.0.0.1:0");
	serving_run(s);
	return s;
}

int serving_join(struct serving *s)
{
	latch_await(&s->finished, 1);
	g_thread_join(s->thread);
	s->thread = NULL;
	latch_reset(&s->finished);
	return s->result;
}

void serving_destroy(struct serving *s)
{
	if (s->thread) {
		serving_join(s);
	}
	g_assert_cmpuint(g_hash_table_size(s->open), ==, 0);
	shiny_server_destroy(s->server);
	g_hash_table_unref(s->open);
	g_hash_table_unref(s->seen);
	g_free(s);
}

void serving_stop(struct serving *s)
{
	shiny_server_stop(s->server);
	g_assert_cmpint(serving_join(s), ==, 0);
	serving_destroy(s);
}

int serving_last_error(struct serving *s)
{
	return g_atomic_int_get(&s->last_error);
}

bool serving_echo(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
}
