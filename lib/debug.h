/* SPDX-License-Identifier: MIT */
/*
 * Debugging mode: mistakes in the use of the library end the program where they are made.
 *
 * A call that breaks a rule of shiny.h writes one line to standard error: what was done, in which
 * event function, and what would be right. Then abort(3) leaves a core or stops in a debugger. What
 * only may be a mistake, as an answer that is owed for very long, writes a line and no more.
 *
 * Without the mode a server has no struct shiny_debug, and each public function tests one flag.
 * With it each connection has CONN_DEBUG, also after its end: its slot gets another connection only
 * after many others have ended, so that a late use is recognised.
 *
 * Called by every file with public functions, on any thread; loop.c, conns.c and input.c call the
 * rest.
 */
#ifndef SHINY_DEBUG_H
#define SHINY_DEBUG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shiny_conn;
struct shiny_conns;

/* What a connection needs in this mode only. */
struct shiny_debug_slot {
	uint32_t held_since;   /* tick */
	uint32_t wakes_since;  /* tick of the first of: */
	unsigned wakes;	       /* by an event function, without any effect, in a row */
	bool woken_by_handler; /* the wake to come */
	bool hold_reported;
};

struct shiny_debug {
	_Atomic uintptr_t thread; /* that is inside shiny_server_run(); 0: none is */
	bool in_notice;
	struct shiny_debug_slot *slots;
	size_t slots_size;

	/* Slots that wait for another owner, by next. */
	struct shiny_conn *first, *last;
	unsigned count;
};

/* Allocates what the mode needs, if the options ask for it. Returns 0 or -ENOMEM. */
int shiny_debug_init(struct shiny_conns *conns);
void shiny_debug_finish(struct shiny_conns *conns);

/* A run begins or ends, on this thread. */
void shiny_debug_begin_run(struct shiny_conns *conns);
void shiny_debug_end_run(struct shiny_conns *conns);

/* All functions below are for debugging mode only. */

/* Aborts unless @conn is valid, and this an event function on the serving thread. */
__attribute__((cold)) void shiny_debug_check_conn(const struct shiny_conn *conn,
						  const char *function);

/* Aborts if the server runs and this is not its thread. */
void shiny_debug_check_thread(const struct shiny_conns *conns, const char *function);

/* Aborts if the server runs. */
void shiny_debug_check_stopped(const struct shiny_conns *conns, const char *function);

/*
 * How much to reserve for @len bytes and a guard behind them; puts the guard there, and takes it
 * out of the reservation; aborts if one of it, or of those of the list of the turn, has been
 * changed.
 */
__attribute__((cold)) size_t shiny_debug_guarded(size_t len);
void shiny_debug_set_guard(struct shiny_conn *conn, size_t len);
void shiny_debug_check_guard(const struct shiny_conn *conn);
void shiny_debug_check_guards(const struct shiny_conns *conns);

/* Aborts: more was produced than reserved. */
__attribute__((cold)) void shiny_debug_fail_produce(const struct shiny_conn *conn, size_t len);

/* A connection gets a slot; its slot is free again. */
void shiny_debug_open(struct shiny_conn *conn);
void shiny_debug_recycle(struct shiny_conns *conns, struct shiny_conn *conn);

/* Calls handle, and aborts if event functions only wake it, over and over. */
bool shiny_debug_call_handle(struct shiny_conn *conn, const char *data, size_t len);
void shiny_debug_note_wake(const struct shiny_conns *conns, const struct shiny_conn *conn);

/* The first shiny_hold(); a shiny_release() without one. */
void shiny_debug_note_hold(const struct shiny_conn *conn);
void shiny_debug_fail_release(const struct shiny_conn *conn);

/* Report answers that are owed for too long, that one kept a drain until its timeout, and that one
 * was owed when the connection was closed in order. */
void shiny_debug_check_holds(struct shiny_conns *conns);
void shiny_debug_check_drain(struct shiny_conn *conn);
void shiny_debug_check_end(const struct shiny_conn *conn);

#endif
