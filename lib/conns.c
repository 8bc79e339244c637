/* SPDX-License-Identifier: MIT */
/*
 * All connections of one server: the slots, and the list that the end of a turn works off.
 */
#include "conns.h"

#include "conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool default_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)conn, (void)data, (void)len, (void)ctx;
	return true;
}

static bool default_accept(struct shiny_conn *conn, void *ctx)
{
	(void)conn, (void)ctx;
	return true;
}

static void default_closed(struct shiny_conn *conn, int error, void *ctx)
{
	(void)conn, (void)error, (void)ctx;
}

static bool default_tick(void *ctx)
{
	(void)ctx;
	return true;
}

static void set_handlers(struct shiny_handlers *to, const struct shiny_handlers *from)
{
	*to = (struct shiny_handlers){
		.handle = from->handle ? from->handle : default_handle,
		.accept = from->accept ? from->accept : default_accept,
		.closed = from->closed ? from->closed : default_closed,
		.tick = from->tick ? from->tick : default_tick,
	};
}

int shiny_conns_init(struct shiny_conns *conns, const struct shiny_handlers *handlers,
		     const struct shiny_options *options, void *ctx)
{
	*conns = (struct shiny_conns){ .options = *options, .ctx = ctx };
	int error;

	set_handlers(&conns->handlers, handlers);
	shiny_owner_init(&conns->owner);
	conns->read_buffer = malloc(SHINY_READ_SIZE);
	if (!conns->read_buffer) {
		return -ENOMEM;
	}
	conns->backend = shiny_backend_find(options->backend);
	if (!conns->backend) {
		return -ENOENT;
	}
	error = shiny_networks_init(&conns->proxies, options->proxy_from);
	if (error < 0) {
		return error;
	}
	error = shiny_siblings_init(&conns->siblings, options);
	if (error < 0) {
		return error;
	}
	error = shiny_debug_init(conns);
	if (error < 0) {
		return error;
	}
	return conns->backend->open(&conns->poller);
}

int shiny_conns_claim(struct shiny_conns *conns)
{
	void *poller;
	int error = conns->backend->open(&poller);

	if (error < 0) {
		return error;
	}
	conns->backend->close(conns->poller);
	conns->poller = poller;
	shiny_owner_claim(&conns->owner);
	return 0;
}

void shiny_conns_finish(struct shiny_conns *conns)
{
	if (conns->poller) {
		conns->backend->close(conns->poller);
	}
	for (unsigned i = 0; i < SHINY_SLABS_MAX; i++) {
		free(conns->slabs[i]);
	}
	shiny_debug_finish(conns);
	shiny_networks_finish(&conns->proxies);
	shiny_buffer_pool_finish(&conns->pool);
	shiny_owner_finish(&conns->owner);
	free(conns->read_buffer);
}

/* Slab k begins at slot SHINY_SLAB_FIRST * (2^k - 1). */
static unsigned slab_of(uint32_t slot, uint32_t *ret_place)
{
	uint32_t n = slot / SHINY_SLAB_FIRST + 1;
	unsigned k = 31 - (unsigned)__builtin_clz(n);

	*ret_place = slot - SHINY_SLAB_FIRST * ((1u << k) - 1);
	return k;
}

struct shiny_conn *shiny_conns_slot(const struct shiny_conns *conns, uint32_t slot)
{
	uint32_t place;
	unsigned k = slab_of(slot, &place);
	struct shiny_conn *slab;

	if (k >= SHINY_SLABS_MAX) {
		return NULL;
	}
	slab = atomic_load_explicit(&conns->slabs[k], memory_order_acquire);
	return slab ? &slab[place] : NULL;
}

static struct shiny_conn *take_unused_slot(struct shiny_conns *conns)
{
	uint32_t place;
	unsigned k = slab_of(conns->used, &place);

	if (k >= SHINY_SLABS_MAX) {
		return NULL;
	}
	if (!conns->slabs[k]) {
		size_t count = (size_t)SHINY_SLAB_FIRST << k;
		/* Untouched pages of a large slab cost nothing, so it is never walked. */
		struct shiny_conn *slab = calloc(count, sizeof(*slab));
		if (!slab) {
			return NULL;
		}
		atomic_store_explicit(&conns->slabs[k], slab, memory_order_release);
	}
	struct shiny_conn *conn = shiny_conns_slot(conns, conns->used);
	conn->slot = conns->used++;
	shiny_wake_node_set_generation(&conn->wake_node, 1);
	return conn;
}

struct shiny_conn *shiny_conns_take(struct shiny_conns *conns)
{
	struct shiny_conn *conn = conns->free;

	if (conn) {
		conns->free = conn->next;
		conn->next = NULL;
	} else {
		conn = take_unused_slot(conns);
	}
	if (conn) {
		conn->conns = conns;
		if (conns->debug) {
			shiny_debug_open(conn);
		}
		conns->live++;
		shiny_conns_publish_load(conns);
		shiny_count(&conns->options.stats->connections, 1);
	}
	return conn;
}

void shiny_conns_recycle(struct shiny_conns *conns, struct shiny_conn *conn)
{
	if (shiny_wake_node_generation(&conn->wake_node) == 0) {
		return; /* all its generations are used up: it is never used again */
	}
	if (conns->debug) {
		shiny_debug_recycle(conns, conn);
		return;
	}
	conn->next = conns->free;
	conns->free = conn;
}

void shiny_conns_give(struct shiny_conns *conns, struct shiny_conn *conn)
{
	uint32_t generation = shiny_wake_node_generation(&conn->wake_node);

	memset(conn, 0, offsetof(struct shiny_conn, slot));
	if (conns->debug) {
		conn->conns = conns;
		conn->flags = CONN_DEBUG; /* so that a late use is noticed */
	}
	conns->live--;
	shiny_conns_publish_load(conns);
	shiny_count(&conns->options.stats->connections, (uint64_t)-1);
	if (!shiny_wake_node_set_generation(&conn->wake_node, generation + 1)) {
		shiny_conns_recycle(conns, conn);
	}
}

void shiny_conns_list(struct shiny_conns *conns, struct shiny_conn *conn)
{
	if (conn->flags & CONN_LISTED) {
		return;
	}
	conn->flags |= CONN_LISTED;
	conn->next = NULL;
	if (conns->first) {
		conns->last->next = conn;
	} else {
		conns->first = conn;
	}
	conns->last = conn;
}

struct shiny_conn *shiny_conns_take_list(struct shiny_conns *conns)
{
	struct shiny_conn *list = conns->first;

	conns->first = NULL;
	return list;
}
