/* SPDX-License-Identifier: MIT */
#include "command/stats.h"
#include "harness.h"
#include "util/clock.h"

#include <string.h>

static const struct command *find(const char *name, const char *sub)
{
	const struct command *command = command_table;

	while (strcmp(command->name, name) != 0) {
		command++;
	}
	for (command = sub ? command->sub : command; sub && strcmp(command->name, sub) != 0;) {
		command++;
	}
	return command;
}

static struct command_stats *create(void)
{
	struct command_stats *stats = g_new(struct command_stats, 1);

	command_stats_init(stats);
	stats->tracking = true;
	return stats;
}

static void destroy(struct command_stats *stats)
{
	command_stats_finish(stats);
	g_free(stats);
}

static void expect_row(struct command_stats *stats, const struct command *command, uint64_t calls,
		       uint64_t ns)
{
	const struct command_stats_row *row = command_stats_row(stats, command);

	g_assert_cmpuint(row->calls, ==, calls);
	g_assert_cmpuint(row->ns, ==, ns);
	g_assert_cmpuint(row->histogram ? row->histogram->total : 0, ==, calls);
}

static void what_ran_together_shares_the_time(void)
{
	const struct command *get = find("get", NULL), *set = find("set", NULL);
	struct command_stats *stats = create();

	command_stats_start(stats, 0, 1000);
	for (int i = 0; i < 3; i++) {
		command_stats_count(stats, get);
		command_stats_count(stats, get);
		command_stats_count(stats, set);
	}
	command_stats_count(stats, find("config", "get"));
	g_assert_cmpuint(command_stats_calls(stats), ==, 0); /* not yet */
	g_assert_cmpint(command_stats_charge(stats, 2000), ==, 1000);
	expect_row(stats, get, 6, 600);
	expect_row(stats, set, 3, 300);
	expect_row(stats, find("config", "get"), 1, 100);
	g_assert_cmpint(histogram_percentile(command_stats_row(stats, get)->histogram, 50), ==,
			100);
	g_assert_cmpint(command_stats_charge(stats, 2500), ==, 500); /* nobody's */
	command_stats_count(stats, set);
	command_stats_charge(stats, 2600);
	expect_row(stats, set, 4, 400);
	g_assert_cmpuint(command_stats_calls(stats), ==, 11);
	command_stats_reset(stats);
	expect_row(stats, get, 0, 0);
	g_assert_cmpuint(command_stats_calls(stats), ==, 0);
	destroy(stats);
}

/* As a GET, an EXEC with two SETs inside, and a GET in one piece. */
static void what_is_timed_by_itself_shares_nothing(void)
{
	const struct command *get = find("get", NULL), *set = find("set", NULL);
	const struct command *exec = find("exec", NULL);
	struct command_stats *stats = create();
	int64_t start = steady_clock_ns(), began, took, between;

	command_stats_start(stats, 0, start);
	command_stats_count(stats, get);
	began = command_stats_begin(stats);
	g_assert_cmpint(began, >=, start);
	expect_row(stats, get, 1, (uint64_t)(began - start));
	command_stats_count(stats, set);
	command_stats_count(stats, set);
	took = command_stats_end(stats, exec, began);
	between = took / 2;
	expect_row(stats, set, 2, 2 * (uint64_t)between);
	expect_row(stats, exec, 1, (uint64_t)took);
	command_stats_count(stats, get);
	command_stats_charge(stats, began + took + 50);
	expect_row(stats, get, 2, (uint64_t)(began - start + 50));
	destroy(stats);
}

static void every_command_has_a_row(void)
{
	struct command_stats *stats = create();

	g_assert_cmpuint(stats->top, ==, command_count());
	g_assert_cmpuint(stats->count, <, COMMAND_STATS_MAX);
	for (unsigned i = 0; i < stats->count; i++) {
		const struct command_stats_row *row = &stats->rows[i];
		bool is_argument = row->parent && row->parent->flags & CMD_OWN_SUBS;

		g_assert_true(command_stats_row(stats, row->command)->command ==
			      (is_argument ? row->parent : row->command));
	}
	destroy(stats);
}

static void without_tracking_there_are_no_histograms(void)
{
	struct command_stats *stats = create();

	stats->tracking = false;
	command_stats_start(stats, 0, 1000);
	command_stats_count(stats, find("get", NULL));
	command_stats_charge(stats, 1010);
	g_assert_null(command_stats_row(stats, find("get", NULL))->histogram);
	g_assert_cmpuint(command_stats_calls(stats), ==, 1);
	destroy(stats);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/command-stats/what-ran-together-shares-the-time",
		    what_ran_together_shares_the_time);
	harness_add("/command-stats/what-is-timed-by-itself-shares-nothing",
		    what_is_timed_by_itself_shares_nothing);
	harness_add("/command-stats/every-command-has-a-row", every_command_has_a_row);
	harness_add("/command-stats/without-tracking-there-are-no-histograms",
		    without_tracking_there_are_no_histograms);
	return harness_run();
}
