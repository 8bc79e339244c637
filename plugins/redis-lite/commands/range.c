/* SPDX-License-Identifier: MIT */
/*
 * Commands that read and write parts of values.
 */
#include "util/range.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

static size_t length_of(const struct entry *entry)
{
	return entry ? entry->value_len : 0;
}

/* Whether a value may end there. False after an error reply. */
static bool check_length(struct call *call, int64_t begin, size_t len)
{
	if (begin > SHINY_RESP_BULK_MAX || begin + (int64_t)len > SHINY_RESP_BULK_MAX) {
		shiny_resp_error(call->reply, "ERR string exceeds maximum allowed size "
					      "(proto-max-bulk-len)");
		return false;
	}
	return true;
}

/* Writes an argument into the value from @offset on; what lies between that and the value's end before
 * is zeros. Replies with the value's length. */
static void write_part(struct call *call, const struct entry *entry, const struct key *key,
		       int64_t offset, const struct shiny_resp_arg *part)
{
	size_t before = length_of(entry), begin, end, after;
	char *value;

	if (!check_length(call, offset, part->len)) {
		return;
	}
	begin = (size_t)offset;
	end = begin + part->len;
	after = end > before ? end : before;
	value = keyspace_extend(&call->instance->keyspace, call->db, key, after);
	if (!value) {
		call_memory_error(call);
		return;
	}
	if (begin > before) {
		memset(value + before, 0, begin - before);
		work_add(&call->instance->work, begin - before);
	}
	memcpy(value + begin, part->data, part->len);
	call->changed = true;
	shiny_resp_integer(call->reply, (int64_t)after);
}

/* To nothing, it sets. */
void cmd_append(struct call *call)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key key = call_key(call, 1);
	const struct entry *entry = keyspace_find(keyspace, call->db, &key, call->now_ms);
	const struct shiny_resp_arg *part = &call->argv[2];

	if (entry) {
		write_part(call, entry, &key, entry->value_len, part);
	} else if (keyspace_set(keyspace, call->db, &key, part->data, part->len, 0) < 0) {
		call_memory_error(call);
	} else {
		call->changed = true;
		shiny_resp_integer(call->reply, (int64_t)part->len);
	}
}

void cmd_setrange(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct shiny_resp_arg *part = &call->argv[3];
	const struct entry *entry;
	int64_t offset;

	if (!call_number(call, 2, &offset)) {
		return;
	}
	if (offset < 0) {
		shiny_resp_error(call->reply, "ERR offset is out of range");
		return;
	}
	entry = keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms);
	if (part->len == 0) {
		shiny_resp_integer(call->reply, (int64_t)length_of(entry));
		return;
	}
	write_part(call, entry, &key, offset, part);
}

void cmd_strlen(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct entry *entry =
		keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);

	shiny_resp_integer(call->reply, (int64_t)length_of(entry));
}

void cmd_getrange(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct entry *entry;
	struct range range;

	if (!call_number(call, 2, &range.first) || !call_number(call, 3, &range.last)) {
		return;
	}
	entry = keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);
	range = range_clamp(range, length_of(entry));
	if (range.first > range.last) {
		shiny_resp_bulk(call->reply, "", 0);
	} else {
		reply_whole_bulk(call->reply, entry_value(entry) + range.first,
				 (size_t)(range.last - range.first + 1));
	}
}
