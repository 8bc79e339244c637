/* SPDX-License-Identifier: MIT */
/*
 * What one request asks for again and again is worked out once, and copied from then on.
 *
 * A request may name the same command a million times. To work out what is said of it takes some
 * microseconds, to copy that a hundredth of them; so nobody waits for seconds, neither while the size of
 * the reply is counted nor while it is written.
 *
 * For replies that are prepared as a whole: there the first copy is at hand until the last one.
 */
#ifndef REDIS_LITE_COMMAND_REPLY_REPEAT_H
#define REDIS_LITE_COMMAND_REPLY_REPEAT_H

#include "command/reply.h"

/* Different things that are remembered; more than twice the commands that there are. */
#define REPLY_REPEATS_MAX 512

/* All-zero: nothing was written yet. For one run through a reply, be it counted or written. */
struct reply_repeats {
	struct reply_piece {
		const void *what; /* NULL: free */
		uint64_t begin;	  /* of its reply, from the first byte that the batch replies */
		size_t len;
	} pieces[REPLY_REPEATS_MAX];
};

/* reply_repeat() - what @write writes of @what, which is the same each time */
void reply_repeat(struct reply_repeats *repeats, struct shiny_resp_reply *reply, const void *what,
		  void (*write)(struct shiny_resp_reply *reply, const void *what));

#endif
