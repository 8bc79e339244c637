/* SPDX-License-Identifier: MIT */
/*
 * Commands about keys, whatever their values, and about whole databases.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

void cmd_del(struct call *call)
{
	int64_t removed = 0;

	for (size_t i = 1; i < call->argc; i++) {
		struct key key = call_key(call, i);

		work_add(&call->instance->work, WORK_REQUEST);
		removed += keyspace_remove(&call->instance->keyspace, call->db, &key, call->now_ms);
	}
	call->changed = removed > 0;
	shiny_resp_integer(call->reply, removed);
}

void cmd_exists(struct call *call)
{
	int64_t found = 0;

	for (size_t i = 1; i < call->argc; i++) {
		struct key key = call_key(call, i);

		work_add(&call->instance->work, WORK_REQUEST);
		found += keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms) !=
			 NULL;
	}
	shiny_resp_integer(call->reply, found);
}

void cmd_type(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct entry *entry =
		keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);

	shiny_resp_status(call->reply, entry ? "string" : "none");
}

void cmd_randomkey(struct call *call)
{
	const struct entry *entry =
		keyspace_random(&call->instance->keyspace, call->db, call->now_ms);

	if (entry) {
		reply_whole_bulk(call->reply, entry_key(entry), entry_key_len(entry));
	} else {
		shiny_resp_null(call->reply);
	}
}

void cmd_dbsize(struct call *call)
{
	shiny_resp_integer(call->reply, (int64_t)call->instance->keyspace.db[call->db].count);
}

/* Memory is given back in the background either way. False after an error reply. */
static bool read_flush_argument(struct call *call)
{
	if (call->argc > 2 || (call->argc == 2 && !shiny_resp_arg_is(&call->argv[1], "sync") &&
			       !shiny_resp_arg_is(&call->argv[1], "async"))) {
		call_syntax_error(call);
		return false;
	}
	return true;
}

void cmd_flushdb(struct call *call)
{
	if (read_flush_argument(call)) {
		keyspace_flush(&call->instance->keyspace, call->db);
		call->changed = true;
		shiny_resp_ok(call->reply);
	}
}

void cmd_flushall(struct call *call)
{
	if (!read_flush_argument(call)) {
		return;
	}
	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		keyspace_flush(&call->instance->keyspace, db);
	}
	call->changed = true;
	shiny_resp_ok(call->reply);
}
