/* SPDX-License-Identifier: MIT */
/*
 * OBJECT and MEMORY: what there is to say about how a value is kept.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

#include <limits.h>

/* Redis's word for a string up to this length that is no number. */
#define EMBEDDED_MAX 44

/* Those below are shared in Redis. */
#define SHARED_NUMBERS 10000

/* Without counting a hit. Replies with null if the key is not there. */
static const struct entry *find_entry(struct call *call)
{
	struct key key = call_key(call, 2);
	const struct entry *entry =
		keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms);

	if (!entry) {
		shiny_resp_null(call->reply);
	}
	return entry;
}

/* Whether Redis would keep the value as a number: one that was set, and reads as one. */
static bool is_number(const struct entry *entry, int64_t *ret_number)
{
	return !entry_is_raw(entry) &&
	       shiny_resp_parse_integer(entry_value(entry), entry->value_len, ret_number);
}

/* All values are kept as they are; this is what Redis would say. */
void cmd_object_encoding(struct call *call)
{
	const struct entry *entry = find_entry(call);
	int64_t number;

	if (!entry) {
		return;
	}
	if (is_number(entry, &number)) {
		shiny_resp_bulk_text(call->reply, "int");
	} else if (!entry_is_raw(entry) && entry->value_len <= EMBEDDED_MAX) {
		shiny_resp_bulk_text(call->reply, "embstr");
	} else {
		shiny_resp_bulk_text(call->reply, "raw");
	}
}

void cmd_object_freq(struct call *call)
{
	if (find_entry(call)) {
		shiny_resp_error(
			call->reply,
			"ERR An LFU maxmemory policy is not selected, access frequency not "
			"tracked. Please note that when switching between policies at runtime "
			"LRU and LFU data will take some time to adjust.");
	}
}

void cmd_object_idletime(struct call *call)
{
	if (find_entry(call)) {
		shiny_resp_error(call->reply, "ERR idle times are not tracked");
	}
}

/* Redis has each small number once, for all keys, unless it must know which of them are used. */
void cmd_object_refcount(struct call *call)
{
	const struct entry *entry = find_entry(call);
	bool shares = !call->instance->keyspace.marks_use;
	int64_t number;

	if (entry) {
		shares = shares && is_number(entry, &number) && number >= 0 &&
			 number < SHARED_NUMBERS;
		shiny_resp_integer(call->reply, shares ? INT_MAX : 1);
	}
}

static bool read_usage_options(struct call *call)
{
	int64_t samples;

	for (size_t i = 3; call_has(call, i); i += 2) {
		if (!shiny_resp_arg_is(&call->argv[i], "samples") || i + 1 == call->argc) {
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

	if (read_usage_options(call) && (entry = find_entry(call))) {
		shiny_resp_integer(call->reply, (int64_t)keyspace_entry_memory(entry));
	}
}
