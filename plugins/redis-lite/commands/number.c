/* SPDX-License-Identifier: MIT */
/*
 * Commands that count: values that are numbers.
 */
#include "util/number.h"
#include "command/instance.h"
#include "commands/change.h"
#include "commands/commands.h"

#include <math.h>

static void add_to_value(struct call *call, int64_t by)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key key = call_key(call, 1);
	const struct entry *entry = keyspace_find(keyspace, call->db, &key, call->now_ms);
	int64_t value = 0, expiry = 0;
	char digits[SHINY_RESP_INTEGER_MAX];

	if (entry) {
		if (!shiny_resp_parse_integer(entry_value(entry), entry->value_len, &value)) {
			shiny_resp_error(call->reply,
					 "ERR value is not an integer or out of range");
			return;
		}
		expiry = entry_expiry(entry);
	}
	if (__builtin_add_overflow(value, by, &value)) {
		shiny_resp_error(call->reply, "ERR increment or decrement would overflow");
		return;
	}
	if (keyspace_set(keyspace, call->db, &key, digits, shiny_resp_format_integer(digits, value),
			 expiry) < 0) {
		call_memory_error(call);
		return;
	}
	call->changed = true;
	shiny_resp_integer(call->reply, value);
}

void cmd_incr(struct call *call)
{
	add_to_value(call, 1);
}

void cmd_decr(struct call *call)
{
	add_to_value(call, -1);
}

void cmd_incrby(struct call *call)
{
	int64_t by;

	if (call_number(call, 2, &by)) {
		add_to_value(call, by);
	}
}

void cmd_decrby(struct call *call)
{
	int64_t by;

	if (!call_number(call, 2, &by)) {
		return;
	}
	if (by == INT64_MIN) {
		shiny_resp_error(call->reply, "ERR decrement would overflow");
		return;
	}
	add_to_value(call, -by);
}

/* What is to be added to what. False after an error reply. */
static bool read_floats(struct call *call, const struct entry *entry, long double *ret_value,
			long double *ret_by)
{
	*ret_value = 0;
	if ((entry && !number_parse_float(entry_value(entry), entry->value_len, ret_value)) ||
	    !number_parse_float(call->argv[2].data, call->argv[2].len, ret_by)) {
		shiny_resp_error(call->reply, "ERR value is not a valid float");
		return false;
	}
	return true;
}

void cmd_incrbyfloat(struct call *call)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key key = call_key(call, 1);
	const struct entry *entry = keyspace_find(keyspace, call->db, &key, call->now_ms);
	char digits[NUMBER_FLOAT_MAX];
	struct shiny_resp_arg sum = { digits, 0 };
	long double value, by;

	if (!read_floats(call, entry, &value, &by)) {
		return;
	}
	value += by;
	if (!isfinite(value)) {
		shiny_resp_error(call->reply, "ERR increment would produce NaN or Infinity");
		return;
	}
	sum.len = number_format_float(digits, value);
	work_add(&call->instance->work, sum.len * WORK_LOOK / 8);
	if (keyspace_set(keyspace, call->db, &key, sum.data, sum.len,
			 entry ? entry_expiry(entry) : 0) < 0) {
		call_memory_error(call);
		return;
	}
	change_log_set(call, &sum, EXPIRY_KEPT);
	shiny_resp_bulk(call->reply, sum.data, sum.len);
}
