/* SPDX-License-Identifier: MIT */
/*
 * What a worker's server does to clients by itself, in the log: clients turned away or ended by a
 * limit, and accepts that fail; see notice of struct shiny_options.
 *
 * The worker logs the first few of a kind as they come, with the peer and the limit. It counts the
 * rest of ten seconds in memory that it shares with the supervisor, which reports the count: a
 * worker that hangs or dies could not.
 */
#ifndef SHINYD_NOTICES_H
#define SHINYD_NOTICES_H

#include "config/config.h"

#include <shiny.h>
#include <stdint.h>

#define NOTICES_BURST	    10
#define NOTICES_INTERVAL_MS 10000

/* How long accepting counts as failing after an accept failed; waiting clients have it retried. */
#define NOTICES_ACCEPT_FAILS_MS 2000

/* The worker's to write. */
struct notice_counts {
	uint64_t dropped[SHINY_NOTICE_MAX]; /* ever; these were not logged */
	int64_t accept_failed_ms;	    /* the last time; 0: never */
	int accept_error;
	uint64_t accepted; /* ever, by the time of that */
};

/* Of the worker itself. */
struct notices {
	const struct config_section *section;
	struct notice_counts *counts;
	const struct shiny_stats *stats; /* of the same server */
	struct {
		int64_t since_ms;
		unsigned seen;
	} windows[SHINY_NOTICE_MAX];
};

/* notices_add() - log one, or count it */
void notices_add(struct notices *notices, enum shiny_notice notice, int error, const char *peer,
		 int64_t now_ms);

/* How far whoever tells of those that were left out has come. */
struct notices_reported {
	uint64_t dropped[SHINY_NOTICE_MAX];
	int64_t due_ms; /* 0: there are none to tell of */
};

/* notices_report() - log how many more there were, if it is time; INT64_MAX: whatever the time */
void notices_report(struct notices_reported *reported, const struct notice_counts *counts,
		    const struct config_section *section, int64_t now_ms);

/* notices_timeout() - when notices_report() is due; INT64_MAX: never, as far as is known */
static inline int64_t notices_timeout(const struct notices_reported *reported)
{
	return reported->due_ms != 0 ? reported->due_ms : INT64_MAX;
}

/*
 * notices_accept_error() - the errno value with which accepting fails now; 0: it does not
 *
 * It is well again once one was accepted that @stats counts, or where nobody waits any more.
 */
int notices_accept_error(const struct notice_counts *counts, const struct shiny_stats *stats,
			 int64_t now_ms);

#endif
