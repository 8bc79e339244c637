/* SPDX-License-Identifier: MIT */
/*
 * How long a client has kept the others waiting, told by the work that was done.
 *
 * Whoever does something whose time grows with what a client has sent or stored calls work_add()
 * with about as many bytes as it has touched. batch.c asks whether the turn is over.
 */
#ifndef REDIS_LITE_UTIL_WORK_H
#define REDIS_LITE_UTIL_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shiny_server;

/* After so much work the clock is read, which takes 25 ns, and the server is told: each 0.1 ms or so. */
#define WORK_STEP ((size_t)1024 * 1024)

/* So much in one piece takes a whole slice, whatever the clock says. */
#define WORK_SLICE ((size_t)16 * 1024 * 1024)

/* What a request counts for besides its bytes, and a look at an entry, a client or the like. */
#define WORK_REQUEST 1024
#define WORK_LOOK    256

/*
 * What was done since other clients had their turn.
 *
 * It is counted in bytes that were touched, or in as many as take that long.
 */
struct work {
	size_t left;	  /* until the clock is read */
	int64_t began_ns; /* when it was read first; 0: not yet */
	bool over;	  /* the slice is used up: others are to have their turn */
	bool checked;	  /* the clock was read; the reader clears it */
	bool *notice;	  /* set together with those two, if not NULL: one flag to test for both */
	struct shiny_server *server; /* is told of progress; NULL: nobody is */
};

/* work_begin() - a slice begins; @notice may be NULL, and must be valid until work_end() */
static inline void work_begin(struct work *work, bool *notice)
{
	work->left = WORK_STEP;
	work->began_ns = 0;
	work->over = false;
	work->notice = notice;
}

static inline void work_end(struct work *work)
{
	work->notice = NULL;
}

/* work_check() - read the clock, tell the server, and count @amount as one piece */
void work_check(struct work *work, size_t amount);

/* work_add() - count; @work may be NULL */
static inline void work_add(struct work *work, size_t amount)
{
	if (!work) {
		return;
	}
	if (amount < work->left) {
		work->left -= amount;
	} else {
		work_check(work, amount);
	}
}

#endif
