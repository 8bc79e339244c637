/* SPDX-License-Identifier: MIT */
/*
 * Debugging mode: mistakes in the use of the library end the program where they are made.
 *
 * A call that breaks a rule of shiny.h is told by one line on standard error, which says what was
 * done, in which event function, and what would be right; then abort(3) leaves a core or stops in a
 * debugger. What may be a mistake, an answer owed for very long, is told by a line only.
 *
 * A server without the mode has no struct shiny_debug, and pays one test of a flag in each public
 * function. With it each connection carries CONN_DEBUG, also after it has ended: its slot then waits
 * for many others to end before it gets another owner, so that a late use is known for what it is.
 *
 * Called by all of the library that a program calls, on whatever thread that is.
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
	bool hold_told;
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

/* If the options ask for it. Returns 0 or -ENOMEM. */
int shiny_debug_init(struct shiny_conns *conns);
void shiny_debug_finish(struct shiny_conns *conns);

/* The run begins or ends, on this thread. */
void shiny_debug_begin_run(struct shiny_conns *conns);
void shiny_debug_end_run(struct shiny_conns *conns);

/* All that follow: in debugging mode only. */

/* Aborts unless @conn is valid, and this an event function on the serving thread. */
__attribute__((cold)) void shiny_debug_check_conn(const struct shiny_conn *conn,
						  const char *function);

/* Aborts if the server runs and this is not its thread. */
void shiny_debug_check_thread(const struct shiny_conns *conns, const char *function);

/* Aborts if the server runs. */
void shiny_debug_check_stopped(const struct shiny_conns *conns, const char *function);

/*
 * How much to reserve for @len bytes and a guard behind them; puts the guard there, and takes it out
 * of the reservation; aborts if one of it, or of those of the list of the turn, has been changed.
 */
__attribute__((cold)) size_t shiny_debug_guarded(size_t len);
void shiny_debug_set_guard(struct shiny_conn *conn, size_t len);
void shiny_debug_check_guard(const struct shiny_conn *conn);
void shiny_debug_check_guards(const struct shiny_conns *conns);

/* Aborts: more was produced than reserved. */
__attribute__((cold)) void shiny_debug_fail_produce(const struct shiny_conn *conn, size_t len);

/* A connection has a slot; its slot is free. */
void shiny_debug_open(struct shiny_conn *conn);
void shiny_debug_recycle(struct shiny_conns *conns, struct shiny_conn *conn);

/* Calls handle, and aborts if it only wakes itself, for ever. */
bool shiny_debug_call_handle(struct shiny_conn *conn, const char *data, size_t len);
void shiny_debug_note_wake(const struct shiny_conns *conns, const struct shiny_conn *conn);

/* The first answer is owed. None is owed, and one is given. */
void shiny_debug_note_hold(const struct shiny_conn *conn);
void shiny_debug_fail_release(const struct shiny_conn *conn);

/* Tells of answers that are owed for too long; that one keeps a drain until its time is over; that
 * a connection has ended in order before one was given. */
void shiny_debug_check_holds(struct shiny_conns *conns);
void shiny_debug_check_drain(struct shiny_conn *conn);
void shiny_debug_check_end(const struct shiny_conn *conn);

#endif
