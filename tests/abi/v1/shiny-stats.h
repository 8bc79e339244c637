/* SPDX-License-Identifier: MIT */
/*
 * What a server counts. shiny.h includes this file.
 *
 * A name in brackets is that of the tests that hold a promise: see shiny.h.
 */
#ifndef SHINY_STATS_H
#define SHINY_STATS_H

#include <stddef.h>
#include <stdint.h>

/* The function of the program that the serving thread is in. */
enum shiny_event {
	SHINY_EVENT_NONE,
	SHINY_EVENT_HANDLE,
	SHINY_EVENT_ACCEPT,
	SHINY_EVENT_CLOSED,
	SHINY_EVENT_TICK,
	SHINY_EVENT_COMMIT,
	SHINY_EVENT_MAX
};

/* The number of powers of two of nanoseconds that the histogram of turns has. */
#define SHINY_STATS_TURN_BUCKETS 40

/*
 * Counters of a server, in memory of the caller's; shared memory lets other processes read them.
 *
 * Only the serving thread writes them. It writes each field with one relaxed atomic store, so any
 * thread or process may read the counters at any time. Counters only grow, except for connections
 * [stats/traffic]. The caller zeroes them before the server runs. Later versions add counters at
 * the end; stats_size of struct shiny_options tells the library which ones there is room for
 * [stats/size]. The alignment keeps each store in one piece where words have 32 bits.
 */
struct __attribute__((aligned(8))) shiny_stats {
	uint64_t running;	      /* enum shiny_event: the function that runs [stats/running] */
	uint64_t connections;	      /* now */
	uint64_t accepted;	      /* ever, without those that were refused [stats/refused] */
	uint64_t refused;	      /* by the accept function */
	uint64_t shed;		      /* closed at once because of max_connections */
	uint64_t bytes_in, bytes_out; /* through sockets */
	uint64_t reads, writes;	      /* recv and send calls */
	uint64_t turns;		      /* of the loop */
	uint64_t wakes;		      /* delivered [stats/wakes-and-ticks] */
	uint64_t ticks;		      /* calls of tick that have returned */
	uint64_t pauses;	      /* of reading, at high_water */
	uint64_t errors_accept;	      /* EMFILE, ENFILE, ENOBUFS, ENOMEM while accepting */
	uint64_t errors_reset;	      /* connections ended by ECONNRESET or EPIPE */
	uint64_t errors_timeout;      /* by ETIMEDOUT */
	uint64_t errors_overflow;     /* by ENOBUFS, past max_output */
	uint64_t errors_commit;	      /* commits that failed */
	uint64_t errors_other;
	uint64_t turn_ns[SHINY_STATS_TURN_BUCKETS]; /* turns whose work took [2^i, 2^(i+1)) ns */

	/* A stats_size of 0 does not cover what follows. */
	uint64_t progress;     /* calls of shiny_server_progress() */
	uint64_t errors_proxy; /* connections ended for a missing or wrong PROXY header */
	uint64_t errors_input; /* ended because max_input or memory did not hold their input */
	uint64_t errors_idle, errors_stall, errors_deadline; /* of errors_timeout */
	uint64_t errors_produce; /* ended because more was produced than reserved */
};

/* What a stats_size of 0 stands for. */
#define SHINY_STATS_SIZE_FIRST offsetof(struct shiny_stats, progress)

#endif
