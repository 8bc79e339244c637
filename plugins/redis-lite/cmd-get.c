/* SPDX-License-Identifier: MIT */
/*
 * Commands that reply with whole values, and what may become of the key then.
 */
#include "change.h"
#include "cmd.h"
#include "instance.h"
#include "set-options.h"

static void reply_value(struct call *call, const struct key *key)
{
	call_reply_entry(call,
			 keyspace_read(&call->instance->keyspace, call->db, key, call->now_ms));
}

void cmd_get(struct call *call)
{
	struct key key = call_key(call, 1);

	reply_value(call, &key);
}

void cmd_mget(struct call *call)
{
	reply_array(call->reply, call->argc - 1);
	for (size_t i = 1; i < call->argc; i++) {
		struct key key = call_key(call, i);

		work_add(&call->instance->work, WORK_REQUEST);
		reply_value(call, &key);
	}
}

void cmd_getdel(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct entry *entry =
		keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);

	if (!call_prepare_entry(call, entry)) {
		return;
	}
	call_reply_entry(call, entry);
	if (entry) {
		change_remove(call, &key);
	}
}

void cmd_getex(struct call *call)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key key = call_key(call, 1);
	const struct entry *entry;
	struct set_options options;
	int64_t expiry;

	if (!set_options_read(call, 2, SET_PERSIST | SET_TIMES, &options)) {
		return;
	}
	entry = keyspace_read(keyspace, call->db, &key, call->now_ms);
	if (!entry) {
		reply_null(call->reply);
		return;
	}
	if (!set_options_expiry(call, &options, &expiry) || !call_prepare_entry(call, entry)) {
		return;
	}
	if (expiry && expiry <= call->now_ms) {
		call_reply_entry(call, entry);
		change_remove(call, &key);
		return;
	}
	if ((expiry || (options.set & SET_PERSIST && entry_expiry(entry))) &&
	    !change_expiry(call, &key, expiry)) {
		return;
	}
	call_reply_entry(call, keyspace_find(keyspace, call->db, &key, call->now_ms));
}
