/* SPDX-License-Identifier: MIT */
/*
 * Changes that are logged otherwise than they were asked for.
 *
 * What stands in the append-only file must do the same whenever it is run: a time from now becomes
 * a moment, a condition becomes what it led to, a sum becomes its result.
 */
#include "commands/change.h"
#include "command/instance.h"

static struct shiny_resp_arg arg_of(const struct key *key)
{
	return (struct shiny_resp_arg){ key->data, key->len };
}

void change_remove(struct call *call, const struct key *key)
{
	const struct shiny_resp_arg argv[] = { SHINY_RESP_ARG("DEL"), arg_of(key) };

	keyspace_remove(&call->instance->keyspace, call->db, key, call->now_ms);
	call_log(call, argv, 2);
}

static void log_expiry(struct call *call, const struct key *key, int64_t moment)
{
	char digits[SHINY_RESP_INTEGER_MAX];
	const struct shiny_resp_arg argv[] = {
		moment ? SHINY_RESP_ARG("PEXPIREAT") : SHINY_RESP_ARG("PERSIST"),
		arg_of(key),
		{ digits, shiny_resp_format_integer(digits, moment) },
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

void change_log_set(struct call *call, const struct shiny_resp_arg *value, int64_t expiry)
{
	char digits[SHINY_RESP_INTEGER_MAX];
	struct shiny_resp_arg argv[5] = { SHINY_RESP_ARG("SET"), call->argv[1], *value };
	size_t argc = 3;

	if (expiry == EXPIRY_KEPT) {
		argv[argc++] = SHINY_RESP_ARG("KEEPTTL");
	} else if (expiry) {
		argv[argc++] = SHINY_RESP_ARG("PXAT");
		argv[argc++] = (struct shiny_resp_arg){ digits,
							shiny_resp_format_integer(digits, expiry) };
	}
	call_log(call, argv, argc);
}
