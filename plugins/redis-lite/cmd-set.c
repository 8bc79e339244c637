/* SPDX-License-Identifier: MIT */
/*
 * SET and its options.
 */
#include "cmd.h"
#include "command.h"
#include "instance.h"

enum option {
	OPTION_NX = 1 << 0,
	OPTION_XX = 1 << 1,
	OPTION_GET = 1 << 2,
	OPTION_KEEPTTL = 1 << 3,
	OPTION_EX = 1 << 4,
	OPTION_PX = 1 << 5,
	OPTION_EXAT = 1 << 6,
	OPTION_PXAT = 1 << 7,
};

#define OPTION_TIMES (OPTION_EX | OPTION_PX | OPTION_EXAT | OPTION_PXAT)

static const struct {
	const char *word;
	unsigned option;
	unsigned excludes; /* not after one of these */
	bool has_value;
} option_table[] = {
	{ "nx", OPTION_NX, OPTION_XX, false },
	{ "xx", OPTION_XX, OPTION_NX, false },
	{ "get", OPTION_GET, 0, false },
	{ "keepttl", OPTION_KEEPTTL, OPTION_TIMES, false },
	{ "ex", OPTION_EX, OPTION_KEEPTTL | (OPTION_TIMES & ~OPTION_EX), true },
	{ "px", OPTION_PX, OPTION_KEEPTTL | (OPTION_TIMES & ~OPTION_PX), true },
	{ "exat", OPTION_EXAT, OPTION_KEEPTTL | (OPTION_TIMES & ~OPTION_EXAT), true },
	{ "pxat", OPTION_PXAT, OPTION_KEEPTTL | (OPTION_TIMES & ~OPTION_PXAT), true },
};

struct options {
	unsigned set;
	size_t time; /* the argument that has it; 0: none */
};

static bool read_option(const struct call *call, size_t *index, struct options *options)
{
	for (size_t i = 0; i < sizeof(option_table) / sizeof(option_table[0]); i++) {
		if (!arg_is(&call->argv[*index], option_table[i].word)) {
			continue;
		}
		if (options->set & option_table[i].excludes ||
		    (option_table[i].has_value && *index + 1 == call->argc)) {
			return false;
		}
		options->set |= option_table[i].option;
		if (option_table[i].has_value) {
			options->time = ++*index;
		}
		return true;
	}
	return false;
}

static bool read_options(struct call *call, struct options *ret_options)
{
	struct options options = { 0 };

	for (size_t i = 3; i < call->argc; i++) {
		if (!read_option(call, &i, &options)) {
			call_syntax_error(call);
			return false;
		}
	}
	*ret_options = options;
	return true;
}

/* The moment that the options name, in milliseconds; 0: none. False after an error reply. */
static bool read_expiry(struct call *call, const struct options *options, int64_t *ret_expiry)
{
	int64_t unit = options->set & (OPTION_EX | OPTION_EXAT) ? 1000 : 1;
	int64_t base = options->set & (OPTION_EX | OPTION_PX) ? call->now_ms : 0;
	int64_t expiry;

	*ret_expiry = 0;
	if (!options->time) {
		return true;
	}
	if (!call_number(call, options->time, &expiry)) {
		return false;
	}
	if (expiry <= 0 || __builtin_mul_overflow(expiry, unit, &expiry) ||
	    __builtin_add_overflow(expiry, base, &expiry)) {
		reply_error(call->reply, "ERR invalid expire time in '%s' command",
			    call->command->name);
		return false;
	}
	*ret_expiry = expiry;
	return true;
}

/* A relative time must not count again from when the file is loaded; and GET has done its work. */
static void log_set(struct call *call, const struct options *options, int64_t expiry)
{
	char digits[NUMBER_MAX];
	struct resp_arg argv[5] = { ARG_TEXT("SET"), call->argv[1], call->argv[2] };
	size_t argc = 3;

	if (options->set & OPTION_KEEPTTL) {
		argv[argc++] = ARG_TEXT("KEEPTTL");
	} else if (expiry) {
		argv[argc++] = ARG_TEXT("PXAT");
		argv[argc++] = (struct resp_arg){ digits, number_format(digits, expiry) };
	}
	call_log(call, argv, argc);
}

static void reply_old(struct call *call, const struct entry *entry)
{
	if (entry) {
		reply_bulk(call->reply, entry_value(entry), entry->value_len);
	} else {
		reply_null(call->reply);
	}
}

static void set_with_options(struct call *call)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	const struct resp_arg *value = &call->argv[2];
	struct key key = call_key(call, 1);
	const struct entry *entry;
	struct options options;
	int64_t expiry;

	if (!read_options(call, &options) || !read_expiry(call, &options, &expiry)) {
		return;
	}
	entry = keyspace_find(keyspace, call->db, &key, call->now_ms);
	if (options.set & OPTION_GET) {
		reply_old(call, entry);
	}
	if (options.set & (entry ? OPTION_NX : OPTION_XX)) {
		if (!(options.set & OPTION_GET)) {
			reply_null(call->reply);
		}
		return;
	}
	if (options.set & OPTION_KEEPTTL && entry) {
		expiry = entry_expiry(entry);
	}
	if (keyspace_set(keyspace, call->db, &key, value->data, value->len, expiry) < 0) {
		call_memory_error(call);
		return;
	}
	log_set(call, &options, expiry);
	if (!(options.set & OPTION_GET)) {
		reply_ok(call->reply);
	}
}

void cmd_set(struct call *call)
{
	const struct resp_arg *value = &call->argv[2];
	struct key key = call_key(call, 1);

	if (call->argc > 3) {
		set_with_options(call);
		return;
	}
	if (keyspace_set(&call->instance->keyspace, call->db, &key, value->data, value->len, 0) <
	    0) {
		call_memory_error(call);
		return;
	}
	call->changed = true;
	reply_ok(call->reply);
}
