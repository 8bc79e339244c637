/* SPDX-License-Identifier: MIT */
/*
 * What may be set for a server. shiny.h includes this file.
 *
 * A name in brackets is that of the tests that hold a promise: see shiny.h.
 */
#ifndef SHINY_OPTIONS_H
#define SHINY_OPTIONS_H

#include "shiny-stats.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What the library does of its own accord. The closed function learns of the end of an accepted
 * connection as always; a notice adds the reason.
 */
enum shiny_notice {
	SHINY_NOTICE_SHED,   /* a new connection was closed at once: max_connections; error is 0 */
	SHINY_NOTICE_ACCEPT, /* none could be accepted: EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC */
	SHINY_NOTICE_PROXY,  /* the PROXY header is wrong (EPROTO) or did not come (ETIMEDOUT) */
	SHINY_NOTICE_OUTPUT, /* a write ended the connection: ENOBUFS (past max_output), ENOMEM */
	SHINY_NOTICE_INPUT,  /* shiny_unread() ended it: EMSGSIZE (past max_input), ENOMEM */
	SHINY_NOTICE_IDLE,   /* idle_timeout_ms ended it: ETIMEDOUT */
	SHINY_NOTICE_STALL,  /* stall_timeout_ms ended it: ETIMEDOUT */
	SHINY_NOTICE_DEADLINE, /* shiny_set_deadline() ended it: ETIMEDOUT */
	SHINY_NOTICE_PRODUCE,  /* more was produced than reserved, which ended it: EINVAL */
	SHINY_NOTICE_MAX       /* later libraries may have more notices */
};

/*
 * Everything that may be set. 0 or NULL means the default, so a program sets SHINY_OPTIONS and the
 * few fields it cares about.
 *
 * Later versions add fields at the end. @size tells the library which fields the caller knows
 * [stats/options/of-an-older-header]. A library that is older than the caller refuses fields it
 * does not know with -E2BIG, unless they are 0 [stats/options/of-a-later-header].
 */
struct shiny_options {
	size_t size; /* sizeof(struct shiny_options) */

	const char *backend; /* "epoll", "kqueue", "poll"; the default is the platform's best */

	/*
	 * Called once in each turn that ran a handler, before any byte written in that turn is sent
	 * [commit/output]. It makes durable what replies are about to promise. It gets the ctx of
	 * the handlers. It returns 0 for success. Otherwise the unsent output of the turn is
	 * dropped, and the connections it was for are reset [commit/failure].
	 */
	int (*commit)(void *ctx);

	/*
	 * A connection is not read while more than high_water bytes are unsent, until less than
	 * low_water bytes are [flow/high-water]. The defaults are 256 KiB and a quarter of
	 * high_water.
	 */
	size_t high_water;
	size_t low_water;

	/*
	 * A write ends its connection if max_output bytes are unsent before it
	 * [flow/max-output/ends]. The write itself may be of any size: one of 1 GiB passes, and the
	 * next write ends the connection unless the socket has taken enough by then. A connection
	 * may therefore take max_output bytes plus the largest write [flow/max-output/one-reply].
	 * shiny_allow_output() permits an answer that is written in pieces. Default 64 MiB.
	 */
	size_t max_output;
	size_t max_input; /* bytes that shiny_unread() may hold or wait for; default 1 GiB */

	unsigned backlog;	  /* of listen(2); default 4096 */
	unsigned max_connections; /* new ones above it are closed at once; default none
				     [accept/max-connections] */
	unsigned unix_mode;	  /* permission bits of a unix socket's file; default the umask's
				     [address/unix/mode] */
	unsigned reuse_port;	  /* not 0: SO_REUSEPORT, for several servers on one address
				     [address/reuse-port] */

	unsigned idle_timeout_ms;   /* without a byte in or out: ETIMEDOUT; default never
				       [time/idle] */
	unsigned stall_timeout_ms;  /* with output that does not move: ETIMEDOUT; default never
				       [time/stall] */
	unsigned linger_timeout_ms; /* for the peer's FIN after shiny_close(); default 2000
				       [end/linger] */

	unsigned tick_ms;      /* between ticks under traffic; default 50 */
	unsigned idle_tick_ms; /* between ticks without; default and maximum 1000
				  [loop/tick/cadence] */

	/*
	 * Proxies that are trusted, as "127.0.0.1, 10.0.0.0/8, ::1, unix". A connection from one of
	 * them must begin with a PROXY header, version 1 or 2 (haproxy's doc/proxy-protocol.txt),
	 * and shiny_peer() gives the address in it [proxy]. Connections from elsewhere are served
	 * as they are. Default none.
	 */
	const char *proxy_from;

	struct shiny_stats *stats; /* the caller's, outlives the server; default none */
	size_t stats_size; /* of *stats; SHINY_OPTIONS sets it; default SHINY_STATS_SIZE_FIRST */

	/*
	 * Called for each notice, for a log; the program decides how much of it to write [notice].
	 * @error is a positive errno value or 0. @peer is the address as shiny_peer() gives it, or
	 * NULL if the notice concerns no peer or the peer is gone. It runs on the serving thread,
	 * sometimes inside a call that an event function makes, and must not call the library.
	 * Default none.
	 */
	void (*notice)(enum shiny_notice notice, int error, const char *peer, void *ctx);
	void *notice_ctx; /* its ctx */

	/*
	 * For servers that accept from the same sockets, in processes or threads of their own: each
	 * gets about as many connections as the others [siblings/spread].
	 *
	 * They share an array of loads, which is aligned to 8 bytes, is zeroed before the first of
	 * them runs, and outlives them. Each has a descriptor that wakes it, a nonblocking
	 * eventfd(2). A server that has more than its share, or max_connections, leaves the next
	 * connection to another one that takes more [siblings/full]. Above sibling_connections in
	 * total, new connections are closed at once [siblings/limit]. If two servers accept at the
	 * same moment and there is room for one connection, both may close theirs: the limit is
	 * never exceeded, and the next connection is accepted. The caller zeroes the load of a
	 * server that has died.
	 */
	uint64_t *sibling_loads;
	const int *sibling_wakeups;
	unsigned sibling_count;	      /* of loads and of wakeups; default: no siblings */
	unsigned sibling_index;	      /* of this server in both */
	unsigned sibling_connections; /* default: no limit in total */

	/*
	 * Not 0: debugging mode, for tests and for development. The library checks how it is used.
	 * A mistake writes one line to standard error, which says what was done and what would be
	 * right, and then abort(3) ends the program:
	 *
	 *     a connection is used after its end, by another thread, or outside of the event
	 *     functions [debug/gone] [debug/thread] [debug/events]
	 *     more is produced, or written, than was reserved [debug/reserved]
	 *     shiny_release() without shiny_hold() [debug/hold/a-release]
	 *     event functions wake a connection over and over, and nothing comes of it [debug/spin]
	 *     the notice function or a child process calls the library [debug/notice] [debug/fork]
	 *     a server is destroyed, or its context or commit replaced, while it runs [debug/run]
	 *
	 * A line, and no more, reports that an answer has been owed for debug_hold_ms, that it kept
	 * a drain until its timeout, or that it was owed when the connection was closed in order
	 * [debug/hold].
	 */
	unsigned debug;
	unsigned debug_hold_ms; /* default 60000 */

	unsigned reserved; /* 0; so that no field comes to be where padding was */
};

/* clang-format off */
#define SHINY_OPTIONS \
	{ .size = sizeof(struct shiny_options), .stats_size = sizeof(struct shiny_stats) }
/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif
