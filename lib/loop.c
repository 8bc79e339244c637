/* SPDX-License-Identifier: MIT */
/*
 * One turn after another. turn() has the order of everything that happens.
 */
#include "loop.h"

#include "conn.h"
#include "input.h"
#include "listeners.h"
#include "output.h"

#include <errno.h>
#include <time.h>

#define EVENTS_A_TURN		      512
#define LOOK_AHEAD_TICKS	      21 /* for deadlines: a second, the longest wait */
#define READS_BEFORE_A_DRAIN	      4	 /* of each connection */
#define NS_PER_MS		      1000000
#define container_of(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void set_time(struct shiny_loop *loop, uint64_t ns)
{
	loop->now_ms = (ns - loop->start_ns) / NS_PER_MS;
}

static void advance_wheel(struct shiny_loop *loop)
{
	uint32_t tick = (uint32_t)(loop->now_ms / SHINY_WHEEL_TICK_MS);

	if (tick != loop->conns.wheel.now) {
		shiny_wheel_advance(&loop->conns.wheel, tick);
	}
}

static bool call_tick(struct shiny_loop *loop)
{
	struct shiny_conns *conns = &loop->conns;

	loop->ticked_ms = loop->now_ms;
	conns->traffic = false;
	shiny_enter(conns, SHINY_EVENT_TICK);
	bool go_on = conns->handlers.tick(conns->ctx);
	shiny_leave(conns);
	shiny_count(&conns->options.stats->ticks, 1); /* now that it has returned */
	return go_on;
}

static uint64_t next_tick(const struct shiny_loop *loop)
{
	const struct shiny_options *options = &loop->conns.options;

	return loop->ticked_ms + (loop->conns.traffic ? options->tick_ms : options->idle_tick_ms);
}

/* How long the loop may wait: until a tick, a deadline, or the end of a pause or drain. */
static int wait_ms(struct shiny_loop *loop)
{
	const struct shiny_wheel *wheel = &loop->conns.wheel;
	uint64_t until = next_tick(loop);

	if (wheel->count) {
		uint32_t ahead = shiny_wheel_next(wheel, LOOK_AHEAD_TICKS);
		uint64_t due_ms = ((uint64_t)wheel->now + ahead) * SHINY_WHEEL_TICK_MS;
		until = due_ms < until ? due_ms : until;
	}
	if (loop->accept_ms > loop->now_ms && loop->accept_ms < until) {
		until = loop->accept_ms;
	}
	if (loop->conns.draining && loop->drain_ms < until) {
		until = loop->drain_ms;
	}
	return until > loop->now_ms ? (int)(until - loop->now_ms) : 0;
}

static int wait_for_events(struct shiny_loop *loop, struct shiny_ready *ready)
{
	struct shiny_conns *conns = &loop->conns;
	int timeout_ms = conns->first ? 0 : wait_ms(loop);

	/* From here on a wake or stop writes to the wakeup pipe; an earlier one is seen now. */
	if (shiny_waker_begin_wait(&loop->waker) || atomic_load(&loop->stop) ||
	    atomic_load(&loop->drain) || loop->check_sibling) {
		timeout_ms = 0;
	}
	int n = conns->backend->wait(conns->poller, timeout_ms, ready, EVENTS_A_TURN);
	shiny_waker_end_wait(&loop->waker);
	return n;
}

static void dispatch_event(struct shiny_loop *loop, const struct shiny_ready *ready)
{
	struct shiny_conn *conn;

	switch (ready->watch->kind) {
	case SHINY_WATCH_CONN:
		conn = container_of(ready->watch, struct shiny_conn, watch);
		if (ready->error) {
			shiny_input_fail(conn, ready->error);
		}
		if (ready->events & SHINY_WRITE) {
			shiny_output_writable(conn);
		}
		if (ready->events & SHINY_READ) {
			shiny_input_readable(conn);
		}
		break;
	case SHINY_WATCH_LISTENER:
		if (ready->watch->events) {
			shiny_listeners_accept(
				loop, container_of(ready->watch, struct shiny_listener, watch));
		}
		break;
	case SHINY_WATCH_SIBLINGS:
		shiny_listeners_accept_for_sibling(loop);
		break;
	case SHINY_WATCH_WAKEUP:
		shiny_waker_clear(&loop->waker);
		break;
	}
}

static void deliver_wakes(struct shiny_loop *loop)
{
	struct shiny_wake_node *node = shiny_waker_take_woken(&loop->waker);

	while (node) {
		struct shiny_conn *conn = container_of(node, struct shiny_conn, wake_node);
		node = node->next;
		shiny_wake_node_clear(&conn->wake_node);
		if (conn->phase == CONN_FREE) {
			shiny_conns_recycle(&loop->conns, conn);
		} else {
			loop->conns.traffic = true;
			shiny_input_woken(conn);
		}
	}
}

/*
 * Input that was given back in an earlier turn: of the connections up to @last, NULL for none.
 * Those that were listed in this turn are behind it, and not due yet.
 */
static void dispatch_held_input(struct shiny_loop *loop, struct shiny_conn *last)
{
	struct shiny_conn *next = last ? loop->conns.first : NULL;

	while (next) {
		struct shiny_conn *conn = next;
		next = conn == last ? NULL : conn->next;
		shiny_input_again(conn);
	}
}

/*
 * Whether input that was given back waits for the next turn, so that the replies to what has
 * arrived are committed and sent before it. Not twice in a row, so that it does not wait for ever.
 */
static bool must_reply_first(const struct shiny_loop *loop, const struct shiny_conn *last)
{
	const struct shiny_conns *conns = &loop->conns;

	return last && conns->options.commit && conns->handled && !loop->postponed;
}

static void expire_timers(struct shiny_loop *loop)
{
	struct shiny_deadline *timer;

	while ((timer = shiny_wheel_take(&loop->conns.wheel))) {
		shiny_conn_expire(container_of(timer, struct shiny_conn, timer));
	}
}

/* Whether the output of this turn may be sent. */
static bool commit(struct shiny_conns *conns)
{
	if (!conns->options.commit || !conns->handled) {
		return true;
	}
	shiny_enter(conns, SHINY_EVENT_COMMIT);
	conns->handled = false;
	int error = conns->options.commit(conns->ctx);
	shiny_leave(conns);
	/* A positive number, as of "return errno;", is a failure, too. */
	if (error != 0) {
		shiny_count(&conns->options.stats->errors_commit, 1);
	}
	return error == 0;
}

static void flush(struct shiny_conns *conns, bool committed)
{
	struct shiny_conn *next;

	if (conns->debug) {
		shiny_debug_check_guards(conns);
	}
	next = shiny_conns_take_list(conns);
	while (next) {
		struct shiny_conn *conn = next;
		next = conn->next;
		conn->flags &= (uint16_t)~CONN_LISTED;
		if (!committed) {
			shiny_output_drop_uncommitted(conn);
		}
		conn->flags &= (uint16_t)~CONN_UNCOMMITTED;
		if (conn->flags & CONN_BLOCKED) {
			shiny_output_apply_water_marks(conn);
		} else {
			shiny_output_flush(conn);
		}
		shiny_conn_update(conn);
		if (conn->phase == CONN_DEAD) {
			shiny_conns_list(conns, conn);
		}
	}
}

static void reap(struct shiny_conns *conns)
{
	struct shiny_conn *next = shiny_conns_take_list(conns);

	while (next) {
		struct shiny_conn *conn = next;
		next = conn->next;
		if (conn->phase == CONN_DEAD) {
			/* It stays listed, as closed may call anything. */
			shiny_conn_reap(conn);
		} else {
			conn->flags &= (uint16_t)~CONN_LISTED;
			shiny_conns_list(conns, conn);
		}
	}
}

static void each_conn(struct shiny_conns *conns, void (*visit)(struct shiny_conn *conn))
{
	for (uint32_t slot = 0; slot < conns->used; slot++) {
		struct shiny_conn *conn = shiny_conns_slot(conns, slot);
		if (conn->phase != CONN_FREE) {
			visit(conn);
		}
	}
}

static void cancel(struct shiny_conn *conn)
{
	shiny_conn_end(conn, ECANCELED);
}

static void reset(struct shiny_conn *conn)
{
	conn->flags |= CONN_RESET;
	cancel(conn);
}

/* Starts a drain, or shortens the one that runs. */
static int apply_drain(struct shiny_loop *loop)
{
	uint64_t until;

	if (!atomic_load(&loop->drain)) { /* to look takes less than to exchange */
		return 0;
	}
	until = loop->now_ms + atomic_exchange(&loop->drain, 0) - 1;
	if (!loop->conns.draining) {
		/* What has arrived is still answered. */
		for (int i = 0; i < READS_BEFORE_A_DRAIN; i++) {
			each_conn(&loop->conns, shiny_input_readable);
		}
		loop->conns.draining = true;
		loop->conns.siblings.takes = false;
		shiny_conns_publish_load(&loop->conns);
		loop->drain_ms = until;
		each_conn(&loop->conns, shiny_conn_update);
		return shiny_listeners_watch(loop, 0);
	}
	loop->drain_ms = until < loop->drain_ms ? until : loop->drain_ms;
	return 0;
}

static int run_timers(struct shiny_loop *loop)
{
	expire_timers(loop);
	if (loop->now_ms >= next_tick(loop)) {
		if (loop->conns.debug) {
			shiny_debug_check_holds(&loop->conns);
		}
		loop->stopped = !call_tick(loop);
		shiny_siblings_tick(&loop->conns.siblings, loop->conns.live,
				    shiny_conns_full(&loop->conns));
	}
	if (loop->conns.draining && loop->now_ms >= loop->drain_ms) {
		if (loop->conns.debug) {
			each_conn(&loop->conns, shiny_debug_check_drain);
		}
		each_conn(&loop->conns, reset);
	}
	return shiny_listeners_resume_if_due(loop);
}

static void count_turn(struct shiny_stats *stats, uint64_t took_ns)
{
	unsigned bucket = 63 - (unsigned)__builtin_clzll(took_ns | 1);

	if (bucket >= SHINY_STATS_TURN_BUCKETS) {
		bucket = SHINY_STATS_TURN_BUCKETS - 1;
	}
	shiny_count(&stats->turns, 1);
	shiny_count(&stats->turn_ns[bucket], 1);
}

static int turn(struct shiny_loop *loop)
{
	struct shiny_conns *conns = &loop->conns;
	struct shiny_ready ready[EVENTS_A_TURN];
	int n = wait_for_events(loop, ready);
	uint64_t begin_ns = now_ns();
	int error = n < 0 ? n : 0;
	/* After new input: a connection that gave input back has had a turn, and may take long. */
	struct shiny_conn *last = conns->first ? conns->last : NULL;

	set_time(loop, begin_ns);
	advance_wheel(loop);
	for (int i = 0; i < n; i++) {
		dispatch_event(loop, &ready[i]);
	}
	if (loop->check_sibling) {
		loop->check_sibling = false;
		loop->untaken = 0; /* a sibling took it */
	}
	if (must_reply_first(loop, last)) {
		loop->postponed = true;
	} else {
		loop->postponed = false;
		dispatch_held_input(loop, last);
	}
	deliver_wakes(loop);
	if (error == 0) {
		error = apply_drain(loop);
	}
	if (error == 0) {
		error = run_timers(loop);
	}
	flush(conns, commit(conns));
	reap(conns);

	uint64_t end_ns = now_ns();
	set_time(loop, end_ns);
	count_turn(conns->options.stats, end_ns - begin_ns);
	return error;
}

static bool is_over(struct shiny_loop *loop)
{
	return loop->stopped || atomic_load(&loop->stop) ||
	       (loop->conns.draining && loop->conns.live == 0);
}

static int start(struct shiny_loop *loop)
{
	struct shiny_conns *conns = &loop->conns;
	int error;

	loop->start_ns = now_ns();
	loop->now_ms = loop->ticked_ms = loop->accept_ms = 0;
	for (size_t i = 0; i < loop->listeners_count; i++) {
		loop->listeners[i]->shut_down = false;
	}
	loop->left_to_sibling = loop->check_sibling = false;
	loop->untaken = conns->siblings.take_anyway = 0;
	conns->wheel.now = 0;
	conns->draining = false;
	loop->postponed = false;
	loop->stopped = !call_tick(loop);
	error = conns->backend->watch(conns->poller, &loop->waker.watch, SHINY_READ);
	if (error == 0 && conns->siblings.loads) {
		error = conns->backend->watch(conns->poller, &conns->siblings.watch, SHINY_READ);
	}
	return error < 0 ? error : shiny_listeners_resume(loop);
}

static void finish(struct shiny_loop *loop)
{
	struct shiny_conns *conns = &loop->conns;

	each_conn(conns, cancel);
	while (conns->live) {
		reap(conns);
	}
	deliver_wakes(loop);
	shiny_listeners_watch(loop, 0);
	conns->siblings.takes = false;
	shiny_conns_publish_load(conns);
	if (conns->siblings.loads) {
		conns->backend->watch(conns->poller, &conns->siblings.watch, 0);
	}
	conns->backend->watch(conns->poller, &loop->waker.watch, 0);
	atomic_store(&loop->stop, false);
	atomic_store(&loop->drain, 0);
}

int shiny_loop_run(struct shiny_loop *loop)
{
	int error;

	shiny_debug_begin_run(&loop->conns);
	error = start(loop);
	while (error == 0 && !is_over(loop)) {
		error = turn(loop);
	}
	finish(loop);
	shiny_debug_end_run(&loop->conns);
	return error;
}
