/* SPDX-License-Identifier: MIT */
/*
 * Requests that took long, for SLOWLOG. command.c adds to it whenever the clock says how long
 * something took.
 */
#ifndef REDIS_LITE_COMMAND_SLOWLOG_H
#define REDIS_LITE_COMMAND_SLOWLOG_H

#include "command/command.h"

/* Arguments of a request, and bytes of one, that are kept; as Redis has it. */
#define SLOWLOG_ARGS_MAX 32
#define SLOWLOG_ARG_MAX	 128

/* What usual commands may take together before the clock is read, with room to spare. */
#define SLOWLOG_BATCH_US  1000

#define SLOWLOG_NS_PER_US 1000

/* A request that took long. */
struct slowlog_entry {
	struct slowlog_entry *older, *newer;
	int64_t id, time_ms, took_us;
	size_t argc;
	struct shiny_resp_arg
		argv[]; /* the request, the client's address and its name; bytes behind it */
};

/* Zeroed: empty, and keeps nothing. */
struct slowlog {
	struct slowlog_entry *newest, *oldest;
	size_t count;
	int64_t next_id;
	int64_t slower_than_us; /* what takes so long is kept; negative: nothing is */
	size_t max_count;
};

/* slowlog_timed() - the flags of commands that must be timed by themselves, for this log's sake */
static inline unsigned slowlog_timed(const struct slowlog *log)
{
	bool each = log->slower_than_us >= 0 && log->slower_than_us < SLOWLOG_BATCH_US;

	return each && log->max_count > 0 ? ~0u : CMD_LONG;
}

/* slowlog_add() - slowlog_add_if_slow() of what took long */
void slowlog_add(struct slowlog *log, const struct call *call, int64_t took_ns);

/*
 * slowlog_add_if_slow() - a command has run; kept if that took long
 *
 * Nothing is kept without memory, or if @call has no arguments (argv NULL) any more.
 */
static inline void slowlog_add_if_slow(struct slowlog *log, const struct call *call,
				       int64_t took_ns)
{
	if (log->slower_than_us >= 0 && took_ns / SLOWLOG_NS_PER_US >= log->slower_than_us) {
		slowlog_add(log, call, took_ns);
	}
}

/* slowlog_clear() - forget all; ids go on */
void slowlog_clear(struct slowlog *log);

#endif
