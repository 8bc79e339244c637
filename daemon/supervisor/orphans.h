/* SPDX-License-Identifier: MIT */
/*
 * Processes of others that became children of shinyd: what plugins leave behind.
 *
 * A process whose parent has ended becomes a child of the supervisor, which is a subreaper,
 * whatever session or group it has put itself in. Nobody is left who would end it, so the
 * supervisor does. Children from before orphans_init(), as of a shell whose place shinyd took, are
 * reaped and otherwise left alone.
 *
 * Called by supervisor.c, and by actions.c for what probes leave behind.
 */
#ifndef SHINYD_ORPHANS_H
#define SHINYD_ORPHANS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether that child was started by us, and is reaped by whoever started it. */
typedef bool (*orphans_is_ours)(const void *ctx, pid_t pid);

struct orphans {
	GArray *earlier;     /* of pid_t: children from before */
	unsigned killed;     /* and not logged yet */
	bool due;	     /* some may be left that have not been killed, or not been reaped */
	bool stubborn;	     /* some did not end in time, which was logged */
	int64_t again_ms;    /* they are not looked for before that */
	int64_t check_ms;    /* they are looked for in the first turn after that */
	int64_t log_ms;	     /* the next line is not logged before that */
	int64_t deadline_ms; /* when those that are there must have ended */
};

/* orphans_init() - become the parent of what loses its own */
void orphans_init(struct orphans *orphans);

/*
 * orphans_turn() - kill and reap, but for those of which @is_ours is true
 *
 * They are looked for if @child_ended, as that may have been their parent, and otherwise once a
 * second if there are turns. It takes little time at once, lest who forks without end keep others.
 * One line in ten seconds tells how many were killed.
 */
void orphans_turn(struct orphans *orphans, bool child_ended, orphans_is_ours is_ours,
		  const void *ctx, int64_t now_ms);

/* orphans_timeout() - when orphans_turn() is due without an event; INT64_MAX: never */
int64_t orphans_timeout(const struct orphans *orphans);

/* orphans_finish() - kill all that are left, and wait a few seconds for their end; nobody is ours */
void orphans_finish(struct orphans *orphans);

#endif
