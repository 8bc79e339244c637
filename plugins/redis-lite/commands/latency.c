/* SPDX-License-Identifier: MIT */
/*
 * LATENCY: how long commands take, as histograms.
 *
 * Redis also keeps events, single pauses above latency-monitor-threshold. There are none here: what a
 * server without events says is what is said.
 */
#include "command/instance.h"
#include "command/reply-repeat.h"
#include "commands/command-info.h"
#include "commands/commands.h"

#define NS_PER_US 1000

/* The first limit up to which calls are counted; each further one is twice the one before. */
#define FIRST_LIMIT 1024

/* Those limits up to which there are more calls than up to the one before. Returns how many. */
static size_t reply_limits(struct shiny_resp_reply *reply, const struct histogram *histogram)
{
	uint64_t before = 0, below;
	size_t count = 0;
	int64_t limit;

	for (int64_t at = FIRST_LIMIT; before < histogram->total; at *= 2) {
		below = histogram_below(histogram, at, &limit);
		if (below > before) {
			count++;
			if (reply) {
				shiny_resp_integer(reply, limit / NS_PER_US);
				shiny_resp_integer(reply, (int64_t)below);
			}
		}
		before = below;
	}
	return count;
}

static void reply_histogram(struct shiny_resp_reply *reply, const void *what)
{
	const struct command_stats_row *row = what;

	command_reply_name(reply, row->parent, row->command);
	shiny_resp_map(reply, 2);
	shiny_resp_bulk_text(reply, "calls");
	shiny_resp_integer(reply, (int64_t)row->histogram->total);
	shiny_resp_bulk_text(reply, "histogram_usec");
	shiny_resp_map(reply, reply_limits(NULL, row->histogram));
	reply_limits(reply, row->histogram);
}

/* Of the command and its subcommands; of all if it is NULL. Returns how many there are. */
static size_t reply_rows(struct call *call, struct shiny_resp_reply *reply,
			 const struct command *command, struct reply_repeats *repeats)
{
	const struct command_stats *stats = &call->instance->command_stats;
	size_t count = 0;

	for (unsigned i = 0; i < stats->count; i++) {
		const struct command_stats_row *row = &stats->rows[i];

		if (!row->histogram ||
		    (command && row->command != command && row->parent != command)) {
			continue;
		}
		count++;
		work_add(&call->instance->work, sizeof(*row->histogram));
		if (reply) {
			reply_repeat(repeats, reply, row, reply_histogram);
		}
	}
	return count;
}

/* In the order of the arguments; a name that no command has is passed over. */
static size_t reply_named(struct call *call, struct shiny_resp_reply *reply,
			  struct reply_repeats *repeats)
{
	size_t count = 0;

	for (size_t i = 2; call_has(call, i); i++) {
		const struct command *parent, *command = command_named(call, i, &parent);

		count += command ? reply_rows(call, reply, command, repeats) : 0;
	}
	return count;
}

static size_t reply_asked(struct call *call, struct shiny_resp_reply *reply)
{
	struct reply_repeats repeats = { 0 };

	return call->argc == 2 ? reply_rows(call, reply, NULL, &repeats)
			       : reply_named(call, reply, &repeats);
}

static void reply_histograms(struct call *call)
{
	shiny_resp_map(call->reply, reply_asked(call, NULL));
	reply_asked(call, call->reply);
}

void cmd_latency_histogram(struct call *call)
{
	if (call_prepare(call, reply_histograms)) {
		reply_histograms(call);
	}
}

void cmd_latency_doctor(struct call *call)
{
	static const char text[] = "Latency events are not kept here. LATENCY HISTOGRAM and INFO "
				   "latencystats tell how "
				   "long commands take, SLOWLOG which requests took long.\n";

	shiny_resp_text(call->reply, text, sizeof(text) - 1);
}

void cmd_latency_graph(struct call *call)
{
	shiny_resp_error(call->reply, "ERR No samples available for event '%.*s'",
			 SHINY_RESP_ARG_FORMAT(&call->argv[2], 128));
}

void cmd_latency_history(struct call *call)
{
	shiny_resp_array(call->reply, 0);
}

void cmd_latency_latest(struct call *call)
{
	shiny_resp_array(call->reply, 0);
}

/* How many events were forgotten. */
void cmd_latency_reset(struct call *call)
{
	shiny_resp_integer(call->reply, 0);
}
