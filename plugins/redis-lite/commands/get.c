/* SPDX-License-Identifier: MIT */
/*
 * Commands that reply with whole values, and what may become of the key then.
 */
#include "command/instance.h"
#include "commands/change.h"
#include "commands/commands.h"
#include "commands/set-options.h"

#include <stdlib.h>

/* Keys of an MGET for which no memory is needed to remember their entries. */
#define MGET_USUAL 32

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

/* Finds the entries of all arguments, NULL for what is not there. Returns what the reply will take. */
static uint64_t find_all(struct call *call, const struct entry **ret_entries)
{
	uint64_t size =
		2 * SHINY_RESP_FIXED_MAX; /* the head, and room in which to write the last one */

	for (size_t i = 1; i < call->argc; i++) {
		struct key key = call_key(call, i);
		const struct entry *entry =
			keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);

		work_add(&call->instance->work, WORK_REQUEST);
		ret_entries[i - 1] = entry;
		size += REPLY_BULK_EXTRA + (entry ? entry->value_len : 0);
	}
	return size;
}

/* Looking for one key leaves the entries of others where they are. */
void cmd_mget(struct call *call)
{
	const struct entry *usual[MGET_USUAL], **entries = usual;
	size_t count = call->argc - 1;

	if (count > MGET_USUAL) {
		entries = malloc(count * sizeof(*entries));
	}
	if (!entries) {
		call_memory_error(call);
		return;
	}
	if (reply_prepare(call->reply, find_all(call, entries))) {
		shiny_resp_array(call->reply, count);
		for (size_t i = 0; i < count; i++) {
			if (entries[i]) {
				shiny_resp_bulk(call->reply, entry_value(entries[i]),
						entries[i]->value_len);
			} else {
				shiny_resp_null(call->reply);
			}
		}
	}
	if (entries != usual) {
		free(entries);
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
		shiny_resp_null(call->reply);
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
