/* SPDX-License-Identifier: MIT */
/*
 * Commands that give keys other names, or other databases.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

#include <errno.h>

static bool is_same_arg(const struct shiny_resp_arg *a, const struct shiny_resp_arg *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void same_object_error(struct call *call)
{
	shiny_resp_error(call->reply, "ERR source and destination objects are the same");
}

/* Returns whether the first argument's key has become the second one's; else it has replied. */
static bool rename_key(struct call *call, bool replace)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key from = call_key(call, 1), to = call_key(call, 2);
	const struct entry *entry = keyspace_find(keyspace, call->db, &from, call->now_ms);
	bool same = is_same_arg(&call->argv[1], &call->argv[2]);

	if (!entry) {
		shiny_resp_error(call->reply, "ERR no such key");
		return false;
	}
	if (!replace && keyspace_find(keyspace, call->db, &to, call->now_ms)) {
		shiny_resp_integer(call->reply, 0);
		return false;
	}
	if (!same && keyspace_copy(keyspace, entry, call->db, &to) < 0) {
		call_memory_error(call);
		return false;
	}
	if (!same) {
		keyspace_remove(keyspace, call->db, &from, call->now_ms);
		call->changed = true;
	}
	return true;
}

void cmd_rename(struct call *call)
{
	if (rename_key(call, true)) {
		shiny_resp_ok(call->reply);
	}
}

void cmd_renamenx(struct call *call)
{
	if (rename_key(call, false)) {
		shiny_resp_integer(call->reply, 1);
	}
}

static bool read_copy_options(struct call *call, unsigned *ret_db, bool *ret_replace)
{
	for (size_t i = 3; call_has(call, i); i++) {
		if (shiny_resp_arg_is(&call->argv[i], "replace")) {
			*ret_replace = true;
		} else if (shiny_resp_arg_is(&call->argv[i], "db") && i + 1 < call->argc) {
			if (!call_db(call, ++i, ret_db)) {
				return false;
			}
		} else {
			call_syntax_error(call);
			return false;
		}
	}
	return true;
}

void cmd_copy(struct call *call)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key from = call_key(call, 1), to = call_key(call, 2);
	const struct entry *entry;
	unsigned db = call->db;
	bool replace = false;

	if (!read_copy_options(call, &db, &replace)) {
		return;
	}
	if (db == call->db && is_same_arg(&call->argv[1], &call->argv[2])) {
		same_object_error(call);
		return;
	}
	entry = keyspace_read(keyspace, call->db, &from, call->now_ms);
	if (!entry || (!replace && keyspace_find(keyspace, db, &to, call->now_ms))) {
		shiny_resp_integer(call->reply, 0);
	} else if (keyspace_copy(keyspace, entry, db, &to) < 0) {
		call_memory_error(call);
	} else {
		call->changed = true;
		shiny_resp_integer(call->reply, 1);
	}
}

void cmd_move(struct call *call)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key key = call_key(call, 1);
	unsigned db;

	if (!call_db(call, 2, &db)) {
		return;
	}
	if (db == call->db) {
		same_object_error(call);
		return;
	}
	if (!keyspace_find(keyspace, call->db, &key, call->now_ms) ||
	    keyspace_find(keyspace, db, &key, call->now_ms)) {
		shiny_resp_integer(call->reply, 0);
	} else if (keyspace_move(keyspace, call->db, &key, db) < 0) {
		call_memory_error(call);
	} else {
		call->changed = true;
		shiny_resp_integer(call->reply, 1);
	}
}

void cmd_swapdb(struct call *call)
{
	int a, b;

	if (call_int(call, 1, "ERR invalid first DB index", &a) &&
	    call_int(call, 2, "ERR invalid second DB index", &b) && call_has_db(call, a) &&
	    call_has_db(call, b)) {
		keyspace_swap(&call->instance->keyspace, (unsigned)a, (unsigned)b, call->now_ms);
		call->changed = true;
		shiny_resp_ok(call->reply);
	}
}
