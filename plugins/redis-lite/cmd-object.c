/* SPDX-License-Identifier: MIT */
/*
 * OBJECT and MEMORY: what there is to say about how a value is kept.
 */
#include "cmd.h"
#include "command.h"
#include "instance.h"

/* Redis's word for a string up to this length that is no number. */
#define EMBEDDED_MAX 44

/* Without counting a hit. Replies with null if the key is not there. */
static const struct entry *look_up(struct call *call)
{
	struct key key = call_key(call, 2);
	const struct entry *entry =
		keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms);

	if (!entry) {
		reply_null(call->reply);
	}
	return entry;
}

/* All values are kept as they are; this is what Redis would say of a value that was set. */
void cmd_object_encoding(struct call *call)
{
	const struct entry *entry = look_up(call);
	int64_t number;

	if (!entry) {
		return;
	}
	if (number_parse(entry_value(entry), entry->value_len, &number)) {
		reply_bulk_text(call->reply, "int");
	} else {
		reply_bulk_text(call->reply, entry->value_len <= EMBEDDED_MAX ? "embstr" : "raw");
	}
}

void cmd_object_freq(struct call *call)
{
	if (look_up(call)) {
		reply_error(call->reply,
			    "ERR An LFU maxmemory policy is not selected, access frequency not "
			    "tracked. Please note that when switching between policies at runtime "
			    "LRU and LFU data will take some time to adjust.");
	}
}

void cmd_object_idletime(struct call *call)
{
	if (look_up(call)) {
		reply_error(call->reply, "ERR idle times are not tracked");
	}
}

void cmd_object_refcount(struct call *call)
{
	if (look_up(call)) {
		reply_number(call->reply, 1);
	}
}

static bool takes_usage_options(struct call *call)
{
	int64_t samples;

	for (size_t i = 3; i < call->argc; i += 2) {
		if (!arg_is(&call->argv[i], "samples") || i + 1 == call->argc) {
			call_syntax_error(call);
			return false;
		}
		if (!call_number(call, i + 1, &samples)) {
			return false;
		}
		if (samples < 0) {
			call_syntax_error(call);
			return false;
		}
	}
	return true;
}

/* Values have no parts to take samples of. */
void cmd_memory_usage(struct call *call)
{
	const struct entry *entry;

	if (takes_usage_options(call) && (entry = look_up(call))) {
		reply_number(call->reply, (int64_t)keyspace_entry_memory(entry));
	}
}
