/* SPDX-License-Identifier: MIT */
/*
 * One connection: accepted, updated after each event, and ended; and its public accessors.
 */
#include "conn.h"

#include "address.h"
#include "notice.h"
#include "timeout.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROXY_HEADER_TIMEOUT_MS 5000 /* for a PROXY header, which is in the first segment */

void shiny_conn_expire(struct shiny_conn *conn)
{
	if (conn->phase == CONN_DEAD || !shiny_timeout_is_over(conn)) {
		return;
	}
	if (conn->phase == CONN_LINGERING) {
		shiny_conn_end(conn, 0); /* everything was sent: an orderly end without a FIN */
	} else {
		shiny_notice_conn(conn, shiny_timeout_reason(conn), ETIMEDOUT);
		conn->flags |= CONN_RESET;
		shiny_conn_end(conn, ETIMEDOUT);
	}
}

void shiny_conn_call_accept(struct shiny_conn *conn)
{
	struct shiny_conns *conns = conn->conns;

	conn->flags &= (uint16_t) ~(CONN_PROXY_HEADER | CONN_NOT_ACCEPTED);
	conn->deadline = 0;
	shiny_enter(conns, SHINY_EVENT_ACCEPT);
	bool accepted = conns->handlers.accept(conn, conns->ctx);
	shiny_leave(conns);
	if (accepted) {
		shiny_count(&conns->options.stats->accepted, 1);
	} else {
		shiny_count(&conns->options.stats->refused, 1);
		conn->flags |= CONN_NOT_ACCEPTED;
		shiny_conn_close(conn);
	}
}

/* Whether this peer must begin with a PROXY header. */
static bool is_proxy(const struct shiny_conn *conn)
{
	const struct shiny_networks *proxies = &conn->conns->proxies;
	struct shiny_address address;

	return proxies->count && shiny_address_of_peer(conn->watch.fd, &address) == 0 &&
	       shiny_networks_have(proxies, &address);
}

int shiny_conn_open(struct shiny_conns *conns, int fd)
{
	struct shiny_conn *conn = shiny_conns_take(conns);

	if (!conn) {
		return -ENOMEM;
	}
	conn->watch = (struct shiny_watch){ .fd = fd, .kind = SHINY_WATCH_CONN };
	conn->phase = CONN_OPEN;
	conn->active = conn->progress = conn->timer.opened = conns->wheel.now;
	if (is_proxy(conn)) {
		conn->flags |= CONN_PROXY_HEADER | CONN_NOT_ACCEPTED;
		conn->deadline = conns->wheel.now + shiny_timeout_ticks(PROXY_HEADER_TIMEOUT_MS);
	} else {
		shiny_conn_call_accept(conn);
	}
	shiny_timeout_set(conn);
	shiny_conn_update(conn);
	return 0;
}

void shiny_conn_end(struct shiny_conn *conn, int error)
{
	struct shiny_conns *conns = conn->conns;

	if (conn->phase == CONN_DEAD) {
		return;
	}
	conn->phase = CONN_DEAD;
	conn->error = (uint16_t)error;
	shiny_buffer_give(&conns->pool, &conn->out);
	shiny_conns_list(conns, conn);
}

/* Nothing unread, unsent or owed. */
static bool has_nothing_left(const struct shiny_conn *conn)
{
	return !conn->in && !conn->out && !conn->held;
}

static void end_if_over(struct shiny_conn *conn)
{
	if (conn->phase == CONN_OPEN && has_nothing_left(conn)) {
		if (conn->flags & CONN_EOF) {
			shiny_conn_end(conn, 0);
		} else if (conn->conns->draining) {
			shiny_conn_close(conn);
		}
	}
	if (conn->phase == CONN_CLOSING && !conn->out) {
		if (conn->flags & CONN_EOF || shutdown(conn->watch.fd, SHUT_WR) < 0) {
			shiny_conn_end(conn, 0);
			return;
		}
		conn->phase = CONN_LINGERING;
		conn->progress = conn->conns->wheel.now;
		shiny_timeout_set(conn);
	}
}

static unsigned events_wanted(const struct shiny_conn *conn)
{
	return (shiny_conn_reads(conn) ? SHINY_READ : 0) |
	       (conn->flags & CONN_BLOCKED ? SHINY_WRITE : 0);
}

void shiny_conn_update(struct shiny_conn *conn)
{
	struct shiny_conns *conns = conn->conns;

	end_if_over(conn);
	if (conn->phase == CONN_DEAD) {
		return;
	}
	unsigned events = events_wanted(conn);
	if (events != conn->watch.events) {
		int error = conns->backend->watch(conns->poller, &conn->watch, events);
		if (error < 0) {
			shiny_notice_conn(conn, SHINY_NOTICE_ACCEPT, -error);
			shiny_conn_end(conn, -error);
			return;
		}
	}
	if (conn->flags & CONN_BLOCKED) {
		shiny_timeout_set(conn);
	}
	if (shiny_conn_is_due_again(conn)) {
		shiny_conns_list(conns, conn);
	}
}

static void count_end(struct shiny_stats *stats, int error)
{
	uint64_t *counter = error == ECONNRESET	 ? &stats->errors_reset
			    : error == ETIMEDOUT ? &stats->errors_timeout
			    : error == ENOBUFS	 ? &stats->errors_overflow
						 : &stats->errors_other;

	if (error && error != ECANCELED) {
		shiny_count(counter, 1);
	}
}

void shiny_conn_reap(struct shiny_conn *conn)
{
	struct shiny_conns *conns = conn->conns;

	count_end(conns->options.stats, conn->error);
	if (!(conn->flags & CONN_NOT_ACCEPTED)) {
		shiny_enter(conns, SHINY_EVENT_CLOSED);
		conns->handlers.closed(conn, conn->error, conns->ctx);
		shiny_leave(conns);
	}
	if (conns->debug) {
		shiny_debug_check_end(conn);
	}
	free(conn->peer);
	shiny_deadline_clear(&conns->wheel, &conn->timer);
	shiny_buffer_give(&conns->pool, &conn->in);
	conns->backend->watch(conns->poller, &conn->watch, 0);
	if (conn->flags & CONN_RESET) {
		/* socket(7): closing with a zero linger time sends a RST. */
		struct linger none = { .l_onoff = 1, .l_linger = 0 };
		setsockopt(conn->watch.fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	}
	close(conn->watch.fd);
	shiny_conns_give(conns, conn);
}

uint64_t shiny_id(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return shiny_conn_id(conn);
}

struct shiny_server *shiny_server_of(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return conn->conns->server;
}

void *shiny_user(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return conn->user;
}

void shiny_set_user(struct shiny_conn *conn, void *user)
{
	shiny_conn_check(conn, __func__);
	conn->user = user;
}

int shiny_conn_peer(const struct shiny_conn *conn, char *buf, size_t size)
{
	struct shiny_address address;
	int error = 0;

	if (conn->peer) {
		address = *conn->peer;
	} else {
		error = shiny_address_of_peer(conn->watch.fd, &address);
	}
	return error < 0 ? error : shiny_address_format(&address, buf, size);
}

int shiny_peer(const struct shiny_conn *conn, char *buf, size_t size)
{
	shiny_conn_check(conn, __func__);
	return shiny_conn_peer(conn, buf, size);
}

int shiny_local(const struct shiny_conn *conn, char *buf, size_t size)
{
	struct shiny_address address = { .len = sizeof(address.un) };

	shiny_conn_check(conn, __func__);
	if (getsockname(conn->watch.fd, &address.any, &address.len) < 0) {
		return -errno;
	}
	return shiny_address_format(&address, buf, size);
}

uint64_t shiny_idle_ms(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return (uint64_t)(conn->conns->wheel.now - conn->active) * SHINY_WHEEL_TICK_MS;
}

uint64_t shiny_age_ms(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return (uint64_t)(conn->conns->wheel.now - conn->timer.opened) * SHINY_WHEEL_TICK_MS;
}

int shiny_fd(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return conn->watch.fd;
}

int shiny_hold(struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	if (conn->held == UINT16_MAX) {
		return -EOVERFLOW;
	}
	conn->held++;
	if (conn->held == 1 && conn->flags & CONN_DEBUG) {
		shiny_debug_note_hold(conn);
	}
	return 0;
}

void shiny_release(struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	if (conn->held == 0 && conn->flags & CONN_DEBUG) {
		shiny_debug_fail_release(conn);
	}
	if (conn->held > 0 && --conn->held == 0) {
		conn->active = conn->conns->wheel.now;
		shiny_timeout_set(conn);
		shiny_conn_retry_input(conn);
		shiny_conns_list(conn->conns, conn);
	}
}

void shiny_conn_close(struct shiny_conn *conn)
{
	if (conn->phase == CONN_OPEN) {
		conn->phase = CONN_CLOSING;
		shiny_conns_list(conn->conns, conn);
	}
}

void shiny_close(struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	shiny_conn_close(conn);
}

void shiny_conn_abort(struct shiny_conn *conn)
{
	conn->flags |= CONN_RESET;
	shiny_conn_end(conn, ECANCELED);
}

void shiny_abort(struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	shiny_conn_abort(conn);
}
