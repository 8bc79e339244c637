/* SPDX-License-Identifier: MIT */
/*
 * A server: handlers, listeners and the loop that runs them.
 *
 * The public functions of struct shiny_server, and the defaults of options. loop.c does the work.
 */
#include "address.h"
#include "conn.h"
#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct shiny_server {
	struct shiny_loop loop;
	struct shiny_stats stats; /* if the options have none */
	atomic_bool running;
};

#define IDLE_TICK_MAX_MS      1000 /* so that a watchdog sees that the loop turns */

#define DEFAULT(field, value) ((field) ? (field) : (value))

/*
 * In debugging mode: for functions that only the serving thread may call, or nobody during a run.
 */
static void check_thread(const struct shiny_server *server, const char *function)
{
	if (server->loop.conns.debug) {
		shiny_debug_check_thread(&server->loop.conns, function);
	}
}

static void check_stopped(const struct shiny_server *server, const char *function)
{
	if (server->loop.conns.debug) {
		shiny_debug_check_stopped(&server->loop.conns, function);
	}
}

static int set_tick(struct shiny_options *options, unsigned tick_ms, unsigned idle_tick_ms)
{
	tick_ms = DEFAULT(tick_ms, 50);
	idle_tick_ms = DEFAULT(idle_tick_ms, IDLE_TICK_MAX_MS);
	if (idle_tick_ms > IDLE_TICK_MAX_MS || tick_ms > idle_tick_ms) {
		return -EINVAL;
	}
	options->tick_ms = tick_ms;
	options->idle_tick_ms = idle_tick_ms;
	return 0;
}

/* Copies the options that the caller knows; the others become 0. */
static int copy_options(const struct shiny_options *given, struct shiny_options *ret_options)
{
	const char *bytes = (const char *)given;
	size_t known = sizeof(*ret_options);

	if (given->size < sizeof(given->size)) {
		return -EINVAL;
	}
	for (size_t i = known; i < given->size; i++) {
		if (bytes[i]) {
			return -E2BIG;
		}
	}
	memcpy(ret_options, given, given->size < known ? given->size : known);
	return 0;
}

/* Copies the caller's options, and fills in the defaults of the others. */
static int complete_options(const struct shiny_options *given, struct shiny_options *ret_options)
{
	struct shiny_options options = { 0 };
	int error = given ? copy_options(given, &options) : 0;

	if (error < 0) {
		return error;
	}
	options.size = sizeof(options);
	options.high_water = DEFAULT(options.high_water, (size_t)256 << 10);
	options.low_water = DEFAULT(options.low_water, options.high_water / 4);
	options.max_output = DEFAULT(options.max_output, (size_t)64 << 20);
	options.max_input = DEFAULT(options.max_input, (size_t)1 << 30);
	options.backlog = DEFAULT(options.backlog, 4096);
	options.linger_timeout_ms = DEFAULT(options.linger_timeout_ms, 2000);
	options.debug_hold_ms = DEFAULT(options.debug_hold_ms, 60 * 1000);
	options.stats_size = DEFAULT(options.stats_size, SHINY_STATS_SIZE_FIRST);
	if (options.low_water > options.high_water || options.stats_size < SHINY_STATS_SIZE_FIRST ||
	    set_tick(&options, options.tick_ms, options.idle_tick_ms) < 0) {
		return -EINVAL;
	}
	*ret_options = options;
	return 0;
}

int shiny_bind(const char *address, const struct shiny_options *given, int *ret_fd)
{
	struct shiny_options options;
	int error = complete_options(given, &options);

	return error < 0 ? error : shiny_listener_bind(address, &options, ret_fd);
}

int shiny_address_check(const char *address)
{
	struct shiny_address parsed;

	return address != NULL ? shiny_address_parse(address, &parsed) : -EINVAL;
}

bool shiny_address_same(const char *left, const char *right)
{
	struct shiny_address a, b;

	return left != NULL && right != NULL && shiny_address_parse(left, &a) == 0 &&
	       shiny_address_parse(right, &b) == 0 && shiny_address_equal(&a, &b);
}

bool shiny_address_conflicts(const char *left, const char *right)
{
	struct shiny_address a, b;

	return left && right && shiny_address_parse(left, &a) == 0 &&
	       shiny_address_parse(right, &b) == 0 && shiny_address_conflict(&a, &b);
}

int shiny_server_create(const struct shiny_handlers *handlers, const struct shiny_options *given,
			void *ctx, struct shiny_server **ret_server)
{
	struct shiny_options options;
	struct shiny_server *server;
	int error = complete_options(given, &options);

	if (error < 0 || !handlers) {
		return error < 0 ? error : -EINVAL;
	}
	server = calloc(1, sizeof(*server));
	if (!server) {
		return -ENOMEM;
	}
	if (!options.stats) {
		options.stats = &server->stats;
		options.stats_size = sizeof(server->stats);
	}
	error = shiny_waker_init(&server->loop.waker);
	if (error < 0) {
		free(server);
		return error;
	}
	error = shiny_conns_init(&server->loop.conns, handlers, &options, ctx);
	if (error < 0) {
		shiny_server_destroy(server);
		return error;
	}
	server->loop.conns.server = server;
	*ret_server = server;
	return 0;
}

void shiny_server_destroy(struct shiny_server *server)
{
	if (!server) {
		return;
	}
	check_stopped(server, __func__);
	for (size_t i = 0; i < server->loop.listeners_count; i++) {
		shiny_listener_finish(server->loop.listeners[i]);
		free(server->loop.listeners[i]);
	}
	free(server->loop.listeners);
	shiny_conns_finish(&server->loop.conns);
	shiny_waker_finish(&server->loop.waker);
	free(server);
}

void shiny_server_set_context(struct shiny_server *server, void *ctx)
{
	check_stopped(server, __func__);
	server->loop.conns.ctx = ctx;
}

void shiny_server_set_commit(struct shiny_server *server, int (*commit)(void *ctx))
{
	check_stopped(server, __func__);
	server->loop.conns.options.commit = commit;
}

int shiny_server_set_tick(struct shiny_server *server, unsigned tick_ms, unsigned idle_tick_ms)
{
	check_thread(server, __func__);
	return set_tick(&server->loop.conns.options, tick_ms, idle_tick_ms);
}

void shiny_server_progress(struct shiny_server *server)
{
	check_thread(server, __func__);
	shiny_count_added(&server->loop.conns, offsetof(struct shiny_stats, progress));
}

/* Allocates one more listener, which the caller initialises and then counts. */
static int new_listener(struct shiny_server *server, struct shiny_listener **ret_listener)
{
	struct shiny_loop *loop = &server->loop;
	size_t count = loop->listeners_count + 1;

	if (atomic_load(&server->running)) {
		return -EBUSY;
	}
	struct shiny_listener **listeners =
		realloc(loop->listeners, count * sizeof(struct shiny_listener *));
	if (!listeners) {
		return -ENOMEM;
	}
	loop->listeners = listeners;
	*ret_listener = malloc(sizeof(**ret_listener));
	return *ret_listener ? 0 : -ENOMEM;
}

static int add_listener(struct shiny_server *server, struct shiny_listener *listener, int error)
{
	if (error < 0) {
		free(listener);
		return error;
	}
	server->loop.listeners[server->loop.listeners_count++] = listener;
	return 0;
}

int shiny_server_listen(struct shiny_server *server, const char *address)
{
	struct shiny_listener *listener;
	int error = new_listener(server, &listener);

	if (error < 0) {
		return error;
	}
	error = shiny_listener_init(listener, address, &server->loop.conns.options);
	return add_listener(server, listener, error);
}

int shiny_server_listen_fd(struct shiny_server *server, int fd)
{
	struct shiny_listener *listener;
	int error = new_listener(server, &listener);

	if (error < 0) {
		return error;
	}
	error = shiny_listener_adopt(listener, fd);
	return add_listener(server, listener, error);
}

int shiny_server_address(const struct shiny_server *server, size_t index, char *buf, size_t size)
{
	if (index >= server->loop.listeners_count) {
		return -ENOENT;
	}
	return shiny_listener_address(server->loop.listeners[index], buf, size);
}

/* A child shares its parent's poller and wakeup pipe; it needs its own before it may run. */
static int claim_after_fork(struct shiny_loop *loop)
{
	int error = 0;

	if (shiny_owner_is_other(&loop->conns.owner)) {
		error = shiny_waker_renew(&loop->waker);
		if (error == 0) {
			error = shiny_conns_claim(&loop->conns);
		}
	}
	return error;
}

int shiny_server_run(struct shiny_server *server)
{
	int error;

	if (server->loop.listeners_count == 0) {
		return -ENOTCONN;
	}
	if (atomic_exchange(&server->running, true)) {
		return -EBUSY;
	}
	error = claim_after_fork(&server->loop);
	if (error == 0) {
		error = shiny_loop_run(&server->loop);
	}
	atomic_store(&server->running, false);
	return error;
}

int shiny_serve(const char *address, const struct shiny_handlers *handlers,
		const struct shiny_options *options, void *ctx)
{
	struct shiny_server *server;
	int error = shiny_server_create(handlers, options, ctx, &server);

	if (error < 0) {
		return error;
	}
	error = shiny_server_listen(server, address);
	if (error == 0) {
		error = shiny_server_run(server);
	}
	shiny_server_destroy(server);
	return error;
}

void shiny_server_stop(struct shiny_server *server)
{
	atomic_store(&server->loop.stop, true);
	shiny_waker_wake_loop(&server->loop.waker);
}

void shiny_server_drain(struct shiny_server *server, unsigned timeout_ms)
{
	atomic_store(&server->loop.drain, (uint64_t)timeout_ms + 1);
	shiny_waker_wake_loop(&server->loop.waker);
}

void shiny_server_wake(struct shiny_server *server, uint64_t id)
{
	struct shiny_conn *conn = shiny_conns_slot(&server->loop.conns, (uint32_t)id);

	if (conn && server->loop.conns.debug) {
		shiny_debug_note_wake(&server->loop.conns, conn);
	}
	if (conn) {
		shiny_waker_wake_node(&server->loop.waker, &conn->wake_node, (uint32_t)(id >> 32));
	}
}

struct shiny_conn *shiny_server_find(struct shiny_server *server, uint64_t id)
{
	struct shiny_conn *conn = shiny_conns_slot(&server->loop.conns, (uint32_t)id);
	bool is_it = conn && conn->phase != CONN_FREE && shiny_conn_id(conn) == id;

	check_thread(server, __func__);
	return is_it ? conn : NULL;
}

struct shiny_conn *shiny_server_next(struct shiny_server *server, const struct shiny_conn *conn)
{
	const struct shiny_conns *conns = &server->loop.conns;

	check_thread(server, __func__);
	for (uint32_t slot = conn ? conn->slot + 1 : 0; slot < conns->used; slot++) {
		struct shiny_conn *next = shiny_conns_slot(conns, slot);

		if (next->phase == CONN_OPEN && !(next->flags & CONN_NOT_ACCEPTED)) {
			return next;
		}
	}
	return NULL;
}
