/* SPDX-License-Identifier: MIT */
/*
 * Calls, times and failures by command: see stats.h for how time is shared out.
 *
 * The rows are the table's commands, in its order, and behind them all subcommands, so that a
 * command's row is found by its address.
 */
#include "command/stats.h"
#include "util/clock.h"

#include <assert.h>
#include <stdlib.h>

static void add_row(struct command_stats *stats, const struct command *command,
		    const struct command *parent, unsigned counts_as)
{
	assert(stats->count < COMMAND_STATS_MAX);
	stats->rows[stats->count++] = (struct command_stats_row){
		.command = command,
		.parent = parent,
		.counts_as = counts_as,
	};
}

void command_stats_init(struct command_stats *stats)
{
	*stats = (struct command_stats){ 0 };
	for (unsigned i = 0; command_table[i].name; i++) {
		add_row(stats, &command_table[i], NULL, i);
	}
	stats->top = stats->count;
	for (unsigned i = 0; i < stats->top; i++) {
		const struct command *parent = &command_table[i];

		for (const struct command *sub = parent->sub; sub && sub->name; sub++) {
			/* In Redis it is an argument of that command. */
			bool is_argument = parent->flags & CMD_OWN_SUBS;

			add_row(stats, sub, parent, is_argument ? i : stats->count);
		}
	}
}

void command_stats_finish(struct command_stats *stats)
{
	for (unsigned i = 0; i < stats->count; i++) {
		free(stats->rows[i].histogram);
		stats->rows[i].histogram = NULL;
	}
}

void command_stats_reset(struct command_stats *stats)
{
	command_stats_finish(stats);
	for (unsigned i = 0; i < stats->count; i++) {
		struct command_stats_row *row = &stats->rows[i];

		row->calls = row->ns = row->rejected = row->failed = 0;
		stats->recent[i] = 0;
	}
	stats->touched = 0;
	stats->last = NULL;
}

unsigned command_stats_sub(const struct command_stats *stats, const struct command *command)
{
	unsigned i = stats->top;

	while (stats->rows[i].command != command) {
		i++;
		assert(i < stats->count);
	}
	return stats->rows[i].counts_as;
}

/* Apart, so that nothing is saved for its call where there is none. */
static __attribute__((noinline)) struct histogram *create_histogram(void)
{
	return calloc(1, sizeof(struct histogram));
}

/* Without memory for the histogram the rest is still counted. */
static inline void add_calls(struct command_stats *stats, unsigned index, int64_t ns,
			     uint64_t count)
{
	struct command_stats_row *row = &stats->rows[index];

	row->calls += count;
	row->ns += (uint64_t)ns * count;
	if (!stats->tracking) {
		return;
	}
	if (row->histogram || (row->histogram = create_histogram())) {
		histogram_add(row->histogram, ns, count);
	}
}

static void add_last_to_recent(struct command_stats *stats)
{
	unsigned row = command_stats_index(stats, stats->last);

	if (stats->recent[row] == 0) {
		stats->touched_rows[stats->touched++] = (unsigned char)row;
	}
	stats->recent[row] += stats->in_a_row;
}

void command_stats_count_other(struct command_stats *stats, const struct command *command)
{
	if (stats->last) {
		add_last_to_recent(stats);
	}
	stats->last = command;
	stats->in_a_row = 1;
}

/* How many were run since the clock was last read. */
static uint64_t count_recent(const struct command_stats *stats)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < stats->touched; i++) {
		total += stats->recent[stats->touched_rows[i]];
	}
	return total;
}

/* Several commands share that time. */
static __attribute__((noinline)) void charge_all(struct command_stats *stats, int64_t elapsed)
{
	int64_t share;

	add_last_to_recent(stats);
	share = elapsed / (int64_t)count_recent(stats);
	for (unsigned i = 0; i < stats->touched; i++) {
		unsigned row = stats->touched_rows[i];

		add_calls(stats, row, share, stats->recent[row]);
		stats->recent[row] = 0;
	}
	stats->touched = 0;
}

int64_t command_stats_charge(struct command_stats *stats, int64_t now_ns)
{
	int64_t elapsed = now_ns - stats->mark_ns;

	stats->mark_ns = now_ns;
	if (!stats->last) {
		return elapsed;
	}
	if (stats->touched) {
		charge_all(stats, elapsed);
	} else {
		int64_t share = stats->in_a_row > 1 ? elapsed / stats->in_a_row : elapsed;

		add_calls(stats, command_stats_index(stats, stats->last), share, stats->in_a_row);
	}
	stats->last = NULL;
	return elapsed;
}

int64_t command_stats_begin(struct command_stats *stats)
{
	if (stats->last) {
		command_stats_charge(stats, steady_clock_ns());
	}
	return stats->mark_ns;
}

/* What ran inside of it, as EXEC has it, has had its time, too. */
int64_t command_stats_end(struct command_stats *stats, const struct command *command,
			  int64_t began_ns)
{
	int64_t now_ns = steady_clock_ns();

	command_stats_charge(stats, now_ns);
	add_calls(stats, command_stats_index(stats, command), now_ns - began_ns, 1);
	return now_ns - began_ns;
}

uint64_t command_stats_calls(const struct command_stats *stats)
{
	uint64_t calls = 0;

	for (unsigned i = 0; i < stats->count; i++) {
		calls += stats->rows[i].calls;
	}
	return calls;
}
