/* SPDX-License-Identifier: MIT */
/*
 * SLOWLOG: the requests that took long.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

#define COUNT_USUAL 10

static void reply_entry(struct shiny_resp_reply *reply, const struct slowlog_entry *entry)
{
	size_t argc = entry->argc - 2;

	shiny_resp_array(reply, 6);
	shiny_resp_integer(reply, entry->id);
	shiny_resp_integer(reply, entry->time_ms / 1000);
	shiny_resp_integer(reply, entry->took_us);
	shiny_resp_array(reply, argc);
	for (size_t i = 0; i < argc; i++) {
		shiny_resp_bulk(reply, entry->argv[i].data, entry->argv[i].len);
	}
	shiny_resp_bulk(reply, entry->argv[argc].data, entry->argv[argc].len);
	shiny_resp_bulk(reply, entry->argv[argc + 1].data, entry->argv[argc + 1].len);
}

/* How many are asked for; negative: all. False after an error reply. */
static bool read_count(struct call *call, int64_t *ret_most)
{
	*ret_most = COUNT_USUAL;
	if (call->argc > 3) {
		call_subcommand_error(call);
		return false;
	}
	if (call->argc == 3 &&
	    (!shiny_resp_parse_integer(call->argv[2].data, call->argv[2].len, ret_most) ||
	     *ret_most < -1)) {
		shiny_resp_error(call->reply, "ERR count should be greater than or equal to -1");
		return false;
	}
	return true;
}

static void reply_newest(struct call *call)
{
	const struct slowlog *log = &call->instance->slowlog;
	const struct slowlog_entry *entry = log->newest;
	int64_t most;
	size_t count;

	if (!read_count(call, &most)) {
		return;
	}
	count = most < 0 || (uint64_t)most > log->count ? log->count : (size_t)most;
	shiny_resp_array(call->reply, count);
	for (; count > 0; count--, entry = entry->older) {
		work_add(&call->instance->work, WORK_REQUEST);
		reply_entry(call->reply, entry);
	}
}

void cmd_slowlog_get(struct call *call)
{
	if (call_prepare(call, reply_newest)) {
		reply_newest(call);
	}
}

void cmd_slowlog_len(struct call *call)
{
	shiny_resp_integer(call->reply, (int64_t)call->instance->slowlog.count);
}

void cmd_slowlog_reset(struct call *call)
{
	slowlog_clear(&call->instance->slowlog);
	shiny_resp_ok(call->reply);
}
