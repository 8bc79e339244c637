/* SPDX-License-Identifier: MIT */
/*
 * Commands about when keys expire.
 */
#include "command/instance.h"
#include "commands/change.h"
#include "commands/commands.h"

#define SECOND 1000

enum condition {
	CONDITION_NX = 1 << 0,
	CONDITION_XX = 1 << 1,
	CONDITION_GT = 1 << 2,
	CONDITION_LT = 1 << 3,
};

static bool read_conditions(struct call *call, unsigned *ret_conditions)
{
	static const char *const words[] = { "nx", "xx", "gt", "lt" };
	unsigned conditions = 0;

	for (size_t i = 3; call_has(call, i); i++) {
		unsigned n = 0;

		while (n < 4 && !shiny_resp_arg_is(&call->argv[i], words[n])) {
			n++;
		}
		if (n == 4) {
			shiny_resp_error(call->reply, "ERR Unsupported option %.*s",
					 SHINY_RESP_ARG_FORMAT(&call->argv[i], 128));
			return false;
		}
		conditions |= 1u << n;
	}
	if (conditions & CONDITION_NX && conditions & ~(unsigned)CONDITION_NX) {
		shiny_resp_error(call->reply,
				 "ERR NX and XX, GT or LT options at the same time are not "
				 "compatible");
		return false;
	}
	if (conditions & CONDITION_GT && conditions & CONDITION_LT) {
		shiny_resp_error(call->reply,
				 "ERR GT and LT options at the same time are not compatible");
		return false;
	}
	*ret_conditions = conditions;
	return true;
}

/* Whether an expiry of @before (0: never, which is later than any) may become @after. */
static bool allows(unsigned conditions, int64_t before, int64_t after)
{
	return !((conditions & CONDITION_NX && before != 0) ||
		 (conditions & CONDITION_XX && before == 0) ||
		 (conditions & CONDITION_GT && (before == 0 || after <= before)) ||
		 (conditions & CONDITION_LT && before != 0 && after >= before));
}

/* The second argument as a moment. False after an error reply. */
static bool read_moment(struct call *call, int64_t base, int64_t unit, int64_t *ret_moment)
{
	int64_t moment;

	if (!call_number(call, 2, &moment)) {
		return false;
	}
	if (__builtin_mul_overflow(moment, unit, &moment) ||
	    __builtin_add_overflow(moment, base, &moment)) {
		shiny_resp_error(call->reply, "ERR invalid expire time in '%s' command",
				 call->command->name);
		return false;
	}
	*ret_moment = moment;
	return true;
}

static void expire(struct call *call, int64_t base, int64_t unit)
{
	struct key key = call_key(call, 1);
	const struct entry *entry;
	unsigned conditions;
	int64_t moment;

	if (!read_conditions(call, &conditions) || !read_moment(call, base, unit, &moment)) {
		return;
	}
	entry = keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms);
	if (!entry || !allows(conditions, entry_expiry(entry), moment)) {
		shiny_resp_integer(call->reply, 0);
		return;
	}
	/* 0 would mean never; and what was long ago is past, but not while a file is loaded. */
	if (change_expiry(call, &key, moment > 0 ? moment : 1)) {
		shiny_resp_integer(call->reply, 1);
	}
}

void cmd_expire(struct call *call)
{
	expire(call, call_base_ms(call), SECOND);
}

void cmd_pexpire(struct call *call)
{
	expire(call, call_base_ms(call), 1);
}

void cmd_expireat(struct call *call)
{
	expire(call, 0, SECOND);
}

void cmd_pexpireat(struct call *call)
{
	expire(call, 0, 1);
}

/* The moment; -1: no expiry, -2: no key. */
static int64_t moment_of(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct entry *entry =
		keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms);

	if (!entry) {
		return -2;
	}
	return entry_expiry(entry) ? entry_expiry(entry) : -1;
}

static void reply_seconds(struct call *call, int64_t ms)
{
	shiny_resp_integer(call->reply, ms < 0 ? ms : ms / SECOND + (ms % SECOND >= SECOND / 2));
}

void cmd_expiretime(struct call *call)
{
	reply_seconds(call, moment_of(call));
}

void cmd_pexpiretime(struct call *call)
{
	shiny_resp_integer(call->reply, moment_of(call));
}

static int64_t time_left(struct call *call)
{
	int64_t moment = moment_of(call);

	return moment < 0 ? moment : moment - call->now_ms;
}

void cmd_ttl(struct call *call)
{
	reply_seconds(call, time_left(call));
}

void cmd_pttl(struct call *call)
{
	shiny_resp_integer(call->reply, time_left(call));
}

void cmd_persist(struct call *call)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	struct key key = call_key(call, 1);
	const struct entry *entry = keyspace_find(keyspace, call->db, &key, call->now_ms);

	call->changed = entry && entry_expiry(entry);
	if (call->changed) {
		keyspace_set_expiry(keyspace, call->db, &key, 0);
	}
	shiny_resp_integer(call->reply, call->changed);
}
