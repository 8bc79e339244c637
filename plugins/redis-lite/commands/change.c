/* SPDX-License-Identifier: MIT */
/*
 * Changes that are logged otherwise than they were asked for.
 *
 * What stands in the append-only file must do the same whenever it is run: a time from now becomes
 * a moment, a condition becomes what it led to, a sum becomes its result.
 */
#include "commands/change.h"
#include "command/instance.h"

static struct resp_arg arg_of(const struct key *key)
{
	return (struct resp_arg){ key->data, key->len };
}

void change_remove(struct call *call, const struct key *key)
{
	const struct resp_arg argv[] = { ARG_TEXT("DEL"), arg_of(key) };

	keyspace_remove(&call->instance->keyspace, call->db, key, call->now_ms);
	call_log(call, argv, 2);
}

static void log_expiry(struct call *call, const struct key *key, int64_t moment)
{
	char digits[NUMBER_MAX];
	const struct resp_arg argv[] = {
		moment ? ARG_TEXT("PEXPIREAT") : ARG_TEXT("PERSIST"),
		arg_of(key),
		{ digits, number_format(digits, moment) },
	};

	call_log(call, argv, moment ? 3 : 2);
}

bool change_expiry(struct call *call, const struct key *key, int64_t moment)
{
	if (moment != 0 && moment <= call->now_ms) {
		change_remove(call, key);
		return true;
	}
	if (keyspace_set_expiry(&call->instance->keyspace, call->db, key, moment) < 0) {
		call_memory_error(call);
		return false;
	}
	log_expiry(call, key, moment);
	return true;
}

void change_log_set(struct call *call, const struct resp_arg *value, int64_t expiry)
{
	char digits[NUMBER_MAX];
	struct resp_arg argv[5] = { ARG_TEXT("SET"), call->argv[1], *value };
	size_t argc = 3;

	if (expiry == EXPIRY_KEPT) {
		argv[argc++] = ARG_TEXT("KEEPTTL");
	} else if (expiry) {
		argv[argc++] = ARG_TEXT("PXAT");
		argv[argc++] = (struct resp_arg){ digits, number_format(digits, expiry) };
	}
	call_log(call, argv, argc);
}
