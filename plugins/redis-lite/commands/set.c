/* SPDX-License-Identifier: MIT */
/*
 * Commands that give keys new values: SET and its relatives.
 */
#include "command/instance.h"
#include "commands/change.h"
#include "commands/commands.h"
#include "commands/set-options.h"
#include "store/set-all.h"

/* Gives an argument as value to the first one as key; false if out of memory. */
static bool store_value(struct call *call, const struct key *key, size_t value, int64_t expiry)
{
	const struct shiny_resp_arg *arg = &call->argv[value];

	return keyspace_set(&call->instance->keyspace, call->db, key, arg->data, arg->len,
			    expiry) == 0;
}

/* The same; false after an error reply. */
static bool store(struct call *call, const struct key *key, size_t value, int64_t expiry)
{
	if (!store_value(call, key, value, expiry)) {
		call_memory_error(call);
		return false;
	}
	return true;
}

/* Replies with the old value and stores another. False with nothing changed. */
static bool exchange(struct call *call, const struct key *key, const struct entry *entry,
		     int64_t expiry)
{
	char *mark;

	if (!call_prepare_entry(call, entry)) {
		return false;
	}
	mark = call->reply->at;
	call_reply_entry(call, entry);
	if (!store_value(call, key, 2, expiry)) {
		reply_take_back(call->reply, mark);
		call_memory_error(call);
		return false;
	}
	return true;
}

static void set_with_options(struct call *call)
{
	const unsigned allowed = SET_NX | SET_XX | SET_GET | SET_KEEPTTL | SET_TIMES;
	struct key key = call_key(call, 1);
	const struct entry *entry;
	struct set_options options;
	int64_t expiry;
	bool done;

	if (!set_options_read(call, 3, allowed, &options) ||
	    !set_options_expiry(call, &options, &expiry)) {
		return;
	}
	entry = keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms);
	if (options.set & (entry ? SET_NX : SET_XX)) {
		call_reply_entry(call, options.set & SET_GET ? entry : NULL);
		return;
	}
	if (options.set & SET_KEEPTTL && entry) {
		expiry = entry_expiry(entry);
	}
	if (options.set & SET_GET) {
		done = exchange(call, &key, entry, expiry);
	} else {
		done = store(call, &key, 2, expiry);
	}
	if (!done) {
		return;
	}
	change_log_set(call, &call->argv[2], options.set & SET_KEEPTTL ? EXPIRY_KEPT : expiry);
	if (!(options.set & SET_GET)) {
		shiny_resp_ok(call->reply);
	}
}

void cmd_set(struct call *call)
{
	struct key key = call_key(call, 1);

	if (call->argc > 3) {
		set_with_options(call);
	} else if (store(call, &key, 2, 0)) {
		call->changed = true;
		shiny_resp_ok(call->reply);
	}
}

void cmd_setnx(struct call *call)
{
	struct key key = call_key(call, 1);

	if (keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms)) {
		shiny_resp_integer(call->reply, 0);
	} else if (store(call, &key, 2, 0)) {
		call->changed = true;
		shiny_resp_integer(call->reply, 1);
	}
}

static void set_for(struct call *call, unsigned unit)
{
	const struct set_options options = { .set = unit, .time = 2 };
	struct key key = call_key(call, 1);
	int64_t expiry;

	if (set_options_expiry(call, &options, &expiry) && store(call, &key, 3, expiry)) {
		change_log_set(call, &call->argv[3], expiry);
		shiny_resp_ok(call->reply);
	}
}

void cmd_setex(struct call *call)
{
	set_for(call, SET_EX);
}

void cmd_psetex(struct call *call)
{
	set_for(call, SET_PX);
}

void cmd_getset(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct entry *entry =
		keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);

	if (exchange(call, &key, entry, 0)) {
		change_log_set(call, &call->argv[2], 0);
	}
}

/* Every second argument is a value. False after an error reply. */
static bool store_all(struct call *call)
{
	if (set_all(&call->instance->keyspace, call->db, call->argv + 1, call->argc / 2,
		    call->hash) < 0) {
		call_memory_error(call);
		return false;
	}
	call->changed = true;
	return true;
}

void cmd_mset(struct call *call)
{
	if (call->argc % 2 == 0) {
		call_arity_error(call);
	} else if (store_all(call)) {
		shiny_resp_ok(call->reply);
	}
}

static bool any_exists(struct call *call)
{
	for (size_t i = 1; i < call->argc; i += 2) {
		struct key key = call_key(call, i);

		work_add(&call->instance->work, WORK_REQUEST);
		if (keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms)) {
			return true;
		}
	}
	return false;
}

void cmd_msetnx(struct call *call)
{
	if (call->argc % 2 == 0) {
		call_arity_error(call);
	} else if (any_exists(call)) {
		shiny_resp_integer(call->reply, 0);
	} else if (store_all(call)) {
		shiny_resp_integer(call->reply, 1);
	}
}
