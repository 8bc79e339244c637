/* SPDX-License-Identifier: MIT */
/*
 * The timeouts of a connection, computed from the ticks at which they began.
 */
#include "timeout.h"

#define MS_PER_TICK SHINY_WHEEL_TICK_MS

uint32_t shiny_timeout_ticks(unsigned timeout_ms)
{
	return timeout_ms / MS_PER_TICK + (timeout_ms % MS_PER_TICK != 0) + 1;
}

static void lower_due(uint32_t *due, uint32_t since, unsigned timeout_ms)
{
	uint32_t candidate = since + shiny_timeout_ticks(timeout_ms);

	if (timeout_ms && candidate < *due) {
		*due = candidate;
	}
}

/* The tick at which the earliest timeout is over if nothing happens before; UINT32_MAX: never. */
static uint32_t next_due(const struct shiny_conn *conn)
{
	const struct shiny_options *options = &conn->conns->options;
	uint32_t due = UINT32_MAX;

	if (conn->phase == CONN_LINGERING) {
		lower_due(&due, conn->progress, options->linger_timeout_ms);
		return due;
	}
	if (conn->deadline) {
		due = conn->deadline;
	}
	if (!conn->held) {
		lower_due(&due, conn->active, options->idle_timeout_ms);
	}
	if (conn->out) {
		lower_due(&due, conn->progress, options->stall_timeout_ms);
	}
	return due;
}

void shiny_timeout_set(struct shiny_conn *conn)
{
	uint32_t due = next_due(conn);

	if (due != UINT32_MAX) {
		shiny_deadline_set(&conn->conns->wheel, &conn->timer, due);
	}
}

bool shiny_timeout_is_over(struct shiny_conn *conn)
{
	if (next_due(conn) <= conn->conns->wheel.now) {
		return true;
	}
	shiny_timeout_set(conn);
	return false;
}

enum shiny_notice shiny_timeout_reason(const struct shiny_conn *conn)
{
	uint32_t now = conn->conns->wheel.now, stalled = UINT32_MAX;

	if (conn->deadline && conn->deadline <= now) {
		return conn->flags & CONN_PROXY_HEADER ? SHINY_NOTICE_PROXY : SHINY_NOTICE_DEADLINE;
	}
	if (conn->out) {
		lower_due(&stalled, conn->progress, conn->conns->options.stall_timeout_ms);
	}
	return stalled <= now ? SHINY_NOTICE_STALL : SHINY_NOTICE_IDLE;
}

void shiny_set_deadline(struct shiny_conn *conn, unsigned timeout_ms)
{
	shiny_conn_check(conn, __func__);
	conn->deadline = timeout_ms ? conn->conns->wheel.now + shiny_timeout_ticks(timeout_ms) : 0;
	shiny_timeout_set(conn);
}
