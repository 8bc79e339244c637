/* SPDX-License-Identifier: MIT */
/*
 * How often each command was called, how long that took, and how often it failed.
 *
 * A clock that is read for each request would take a third of a GET's time. So requests are counted
 * as they are run, and share the time since the clock was last read when it is read next: behind what
 * came in one piece. A command that can take long, by its row, is timed by itself; so is every one
 * while the slow log asks for times that are shorter than a batch is sure to be.
 */
#ifndef REDIS_LITE_COMMAND_STATS_H
#define REDIS_LITE_COMMAND_STATS_H

#include "command/command.h"
#include "util/histogram.h"

/* More than there are commands, with their subcommands. */
#define COMMAND_STATS_MAX 256

struct command_stats_row {
	const struct command *command, *parent; /* parent NULL: no subcommand */
	unsigned counts_as;			/* the row that counts for it, mostly its own */
	uint64_t calls, ns, rejected, failed;
	struct histogram *histogram; /* NULL: nothing in it */
};

struct command_stats {
	unsigned timed;			   /* flags of commands that are timed by themselves */
	bool tracking;			   /* histograms are kept */
	struct shiny_resp_arg percentiles; /* that are told of them: numbers with blanks between */
	unsigned top;			   /* rows from here on are of subcommands */
	unsigned count;			   /* of rows */

	uint32_t errors;	    /* of the reply, up to what was counted as failed already */
	int64_t mark_ns;	    /* when the clock was last read */
	const struct command *last; /* that was run since; NULL: none was */
	uint32_t in_a_row;	    /* how often it was, without another one */
	unsigned touched;	    /* rows that were run before it */
	unsigned char touched_rows[COMMAND_STATS_MAX];
	uint32_t recent[COMMAND_STATS_MAX]; /* how often they were */
	struct command_stats_row rows[COMMAND_STATS_MAX];
};

void command_stats_init(struct command_stats *stats);
void command_stats_finish(struct command_stats *stats);

/* command_stats_reset() - as if nothing had been called yet */
void command_stats_reset(struct command_stats *stats);

/* command_stats_count_other() - command_stats_count() of another one than the last */
__attribute__((noinline)) void command_stats_count_other(struct command_stats *stats,
							 const struct command *command);

/* command_stats_sub() - the row of a subcommand */
unsigned command_stats_sub(const struct command_stats *stats, const struct command *command);

static inline unsigned command_stats_index(const struct command_stats *stats,
					   const struct command *command)
{
	size_t index = ((uintptr_t)command - (uintptr_t)command_table) / sizeof(*command);

	return index < stats->top ? (unsigned)index : command_stats_sub(stats, command);
}

/* command_stats_row() - the row that counts for a command */
static inline struct command_stats_row *command_stats_row(struct command_stats *stats,
							  const struct command *command)
{
	return &stats->rows[command_stats_index(stats, command)];
}

/* command_stats_count() - it was run, and shares the time until the clock is read next */
static inline void command_stats_count(struct command_stats *stats, const struct command *command)
{
	if (command == stats->last) {
		stats->in_a_row++; /* as in most pipelines */
	} else {
		command_stats_count_other(stats, command);
	}
}

/*
 * command_stats_start() - a client's requests follow
 *
 * @timed: flags of commands that are to be timed by themselves. @now_ns is of the steady clock.
 */
static inline void command_stats_start(struct command_stats *stats, unsigned timed, int64_t now_ns)
{
	stats->timed = timed | CMD_DEBUG;
	stats->mark_ns = now_ns;
	stats->errors = 0;
}

/*
 * command_stats_charge() - the clock was read: those that were run since it last was have had that time
 *
 * Returns how long that was.
 */
int64_t command_stats_charge(struct command_stats *stats, int64_t now_ns);

/* command_stats_begin() - a command is to be timed by itself; returns when it begins */
int64_t command_stats_begin(struct command_stats *stats);

/* command_stats_end() - and now it has ended; returns how long it took */
int64_t command_stats_end(struct command_stats *stats, const struct command *command,
			  int64_t began_ns);

/* command_stats_calls() - of all commands together */
uint64_t command_stats_calls(const struct command_stats *stats);

#endif
