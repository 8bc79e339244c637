/* SPDX-License-Identifier: MIT */
/*
 * One connection: its state, its timeouts and its end.
 *
 * input.c and output.c move the bytes. conn.c decides what the connection waits for and when it is
 * over, and reports its end once.
 *
 *     accept -> OPEN -> CLOSING (output left) -> LINGERING (FIN sent) -> DEAD -> reaped
 *
 * Every step may go to DEAD directly. Nothing is freed before the end of the turn. Called by
 * loop.c, input.c, output.c, timeout.c, listener.c, notice.c and debug.c.
 */
#ifndef SHINY_CONN_H
#define SHINY_CONN_H

#include "conns.h"

enum conn_phase {
	CONN_FREE, /* a slot without a connection */
	CONN_OPEN,
	CONN_CLOSING,
	CONN_LINGERING,
	CONN_DEAD,
};

enum conn_flag {
	CONN_LISTED = 1 << 0,	    /* in the list of the turn */
	CONN_NOT_ACCEPTED = 1 << 1, /* accept has not run yet, or refused it: closed does not run */
	CONN_EOF = 1 << 2,	    /* the peer sent FIN */
	CONN_PAUSED = 1 << 3,	    /* by shiny_pause() */
	CONN_CONGESTED = 1 << 4,    /* above high_water, not yet below low_water */
	CONN_BLOCKED = 1 << 5,	    /* the socket takes no more output now */
	CONN_AGAIN = 1 << 6,	    /* held input is due again without new */
	CONN_UNCOMMITTED = 1 << 7,  /* has output that waits for this turn's commit */
	CONN_RESET = 1 << 8,	    /* close with a RST */
	CONN_PROXY_HEADER = 1 << 9, /* its PROXY header is awaited, before accept */
	CONN_DEBUG = 1 << 10, /* the server is in debugging mode; stays when the slot is free */
};

struct shiny_conn {
	struct shiny_watch watch; /* first: its address is the connection's */
	uint16_t flags;		  /* enum conn_flag */
	uint16_t error;		  /* positive errno of the end, 0 if orderly */
	uint16_t held;		  /* shiny_hold() without shiny_release() */
	uint8_t phase;		  /* enum conn_phase */
	struct shiny_conns *conns;
	struct shiny_conn *next;  /* in the turn's list, or of the free slots */
	struct shiny_buffer *in;  /* input that was given back; NULL mostly */
	struct shiny_buffer *out; /* unsent output; NULL mostly */
	void *user;
	struct shiny_address *peer; /* as a PROXY header says; NULL: the socket's own */
	struct shiny_deadline timer;
	uint32_t active;   /* tick of the last byte in or out */
	uint32_t progress; /* tick when output last moved, or its wait began */
	uint32_t deadline; /* tick of shiny_set_deadline(); 0: none */

	/* Kept when the slot gets another connection. */
	uint32_t slot;
	struct shiny_wake_node wake_node;
};

/* Begins each public function for a connection. */
static inline void shiny_conn_check(const struct shiny_conn *conn, const char *function)
{
	if (__builtin_expect(conn->flags & CONN_DEBUG, 0)) {
		shiny_debug_check_conn(conn, function);
	}
}

static inline uint64_t shiny_conn_id(const struct shiny_conn *conn)
{
	return (uint64_t)shiny_wake_node_generation(&conn->wake_node) << 32 | conn->slot;
}

/*
 * Takes over @fd as a new connection and has it accepted. Returns 0 or -errno; then @fd is still
 * the caller's.
 */
int shiny_conn_open(struct shiny_conns *conns, int fd);

/* Calls the accept function: the peer is known now. */
void shiny_conn_call_accept(struct shiny_conn *conn);

/* As shiny_peer(). */
int shiny_conn_peer(const struct shiny_conn *conn, char *buf, size_t size);

/* As shiny_close() and shiny_abort(). */
void shiny_conn_close(struct shiny_conn *conn);
void shiny_conn_abort(struct shiny_conn *conn);

/* Marks the end; the end of the turn does the rest. The first error stays. */
void shiny_conn_end(struct shiny_conn *conn, int error);

/* After an event: ends the connection if it is over, otherwise watches for what it waits for. */
void shiny_conn_update(struct shiny_conn *conn);

/* Whether to read the socket now: for the handler, or, once it is closing, for the peer's FIN. */
static inline bool shiny_conn_reads(const struct shiny_conn *conn)
{
	const unsigned not_read = CONN_PAUSED | CONN_CONGESTED | CONN_AGAIN;

	return !(conn->flags & (conn->phase == CONN_OPEN ? not_read | CONN_EOF : CONN_EOF));
}

/* Whether handle gets its held input again without new bytes. */
static inline bool shiny_conn_is_due_again(const struct shiny_conn *conn)
{
	size_t unsent = shiny_buffer_length(conn->out);

	return conn->phase == CONN_OPEN &&
	       (conn->flags & (CONN_AGAIN | CONN_PAUSED)) == CONN_AGAIN &&
	       (!unsent || unsent < conn->conns->options.low_water);
}

/*
 * Something happened that is no input. A handler that gave all of its input back, without waiting
 * for more bytes, may have waited for it: what is held is due again.
 */
static inline void shiny_conn_retry_input(struct shiny_conn *conn)
{
	if (conn->in && conn->in->want <= shiny_buffer_length(conn->in)) {
		conn->flags |= CONN_AGAIN;
	}
}

/* Its timer is due. */
void shiny_conn_expire(struct shiny_conn *conn);

/* Reports a dead connection and frees its slot. */
void shiny_conn_reap(struct shiny_conn *conn);

#endif
