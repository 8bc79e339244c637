/* SPDX-License-Identifier: MIT */
/*
 * Commands that read and change values.
 */
#include "cmd.h"
#include "command.h"
#include "instance.h"

static void reply_value(struct call *call, size_t index)
{
	struct key key = call_key(call, index);
	const struct entry *entry =
		keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);

	if (entry) {
		reply_bulk(call->reply, entry_value(entry), entry->value_len);
	} else {
		reply_null(call->reply);
	}
}

void cmd_get(struct call *call)
{
	reply_value(call, 1);
}

void cmd_mget(struct call *call)
{
	reply_array(call->reply, call->argc - 1);
	for (size_t i = 1; i < call->argc; i++) {
		reply_value(call, i);
	}
}

void cmd_mset(struct call *call)
{
	if (call->argc % 2 == 0) {
		call_arity_error(call);
		return;
	}
	call->changed = true;
	for (size_t i = 1; i < call->argc; i += 2) {
		struct key key = call_key(call, i);
		const struct resp_arg *value = &call->argv[i + 1];

		if (keyspace_set(&call->instance->keyspace, call->db, &key, value->data, value->len,
				 0) < 0) {
			call_memory_error(call);
			return;
		}
	}
	reply_ok(call->reply);
}

static void add(struct call *call, int64_t by)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key key = call_key(call, 1);
	const struct entry *entry = keyspace_find(keyspace, call->db, &key, call->now_ms);
	int64_t value = 0, expiry = 0;
	char digits[NUMBER_MAX];

	if (entry) {
		if (!number_parse(entry_value(entry), entry->value_len, &value)) {
			reply_error(call->reply, "ERR value is not an integer or out of range");
			return;
		}
		expiry = entry_expiry(entry);
	}
	if (__builtin_add_overflow(value, by, &value)) {
		reply_error(call->reply, "ERR increment or decrement would overflow");
		return;
	}
	if (keyspace_set(keyspace, call->db, &key, digits, number_format(digits, value), expiry) <
	    0) {
		call_memory_error(call);
		return;
	}
	call->changed = true;
	reply_number(call->reply, value);
}

void cmd_incr(struct call *call)
{
	add(call, 1);
}

void cmd_decr(struct call *call)
{
	add(call, -1);
}

void cmd_incrby(struct call *call)
{
	int64_t by;

	if (call_number(call, 2, &by)) {
		add(call, by);
	}
}

void cmd_decrby(struct call *call)
{
	int64_t by;

	if (!call_number(call, 2, &by)) {
		return;
	}
	if (by == INT64_MIN) {
		reply_error(call->reply, "ERR decrement would overflow");
		return;
	}
	add(call, -by);
}
