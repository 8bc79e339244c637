/* SPDX-License-Identifier: MIT */
/*
 * COMMAND: what the command table says, as replies.
 */
#include "commands/command-info.h"
#include "command/instance.h"
#include "command/reply-repeat.h"
#include "commands/commands.h"

#include <stdio.h>

/* A bit, and what it is called. */
struct word {
	unsigned bit;
	const char *name;
};

static const struct word flag_words[] = {
	{ CMD_WRITE, "write" },
	{ CMD_READONLY, "readonly" },
	{ CMD_GROWS, "denyoom" },
	{ CMD_ADMIN, "admin" },
	{ CMD_NOSCRIPT, "noscript" },
	{ CMD_STALE, "loading" },
	{ CMD_STALE, "stale" },
	{ CMD_NO_SLOWLOG, "skip_slowlog" },
	{ CMD_FAST, "fast" },
	{ CMD_NO_AUTH, "no_auth" },
	{ CMD_NO_ASYNC, "no_async_loading" },
	{ CMD_NO_MULTI, "no_multi" },
	{ CMD_BUSY, "allow_busy" },
	{ 0 },
};

static const struct word key_words[] = {
	{ KEY_RO, "RO" },
	{ KEY_RW, "RW" },
	{ KEY_OW, "OW" },
	{ KEY_RM, "RM" },
	{ KEY_ACCESS, "access" },
	{ KEY_UPDATE, "update" },
	{ KEY_INSERT, "insert" },
	{ KEY_DELETE, "delete" },
	{ KEY_VARIABLE, "variable_flags" },
	{ 0 },
};

/* The categories of Redis's access control lists, in its order. */
enum category {
	CATEGORY_KEYSPACE = 1 << 0,
	CATEGORY_READ = 1 << 1,
	CATEGORY_WRITE = 1 << 2,
	CATEGORY_STRING = 1 << 3,
	CATEGORY_BITMAP = 1 << 4,
	CATEGORY_ADMIN = 1 << 5,
	CATEGORY_FAST = 1 << 6,
	CATEGORY_SLOW = 1 << 7,
	CATEGORY_DANGEROUS = 1 << 8,
	CATEGORY_CONNECTION = 1 << 9,
	CATEGORY_TRANSACTION = 1 << 10,
	CATEGORY_SCRIPTING = 1 << 11,
};

static const struct word category_words[] = {
	{ CATEGORY_KEYSPACE, "@keyspace" },
	{ CATEGORY_READ, "@read" },
	{ CATEGORY_WRITE, "@write" },
	{ CATEGORY_STRING, "@string" },
	{ CATEGORY_BITMAP, "@bitmap" },
	{ CATEGORY_ADMIN, "@admin" },
	{ CATEGORY_FAST, "@fast" },
	{ CATEGORY_SLOW, "@slow" },
	{ CATEGORY_DANGEROUS, "@dangerous" },
	{ CATEGORY_CONNECTION, "@connection" },
	{ CATEGORY_TRANSACTION, "@transaction" },
	{ CATEGORY_SCRIPTING, "@scripting" },
	{ 0 },
};

static const struct {
	const char *group;
	unsigned category;
} group_table[] = {
	{ "bitmap", CATEGORY_BITMAP },	  { "connection", CATEGORY_CONNECTION },
	{ "generic", CATEGORY_KEYSPACE }, { "scripting", CATEGORY_SCRIPTING },
	{ "string", CATEGORY_STRING },	  { "transactions", CATEGORY_TRANSACTION },
};

static unsigned categories_of(const struct command *command)
{
	unsigned flags = command->flags;
	unsigned categories = flags & CMD_FAST ? CATEGORY_FAST : CATEGORY_SLOW;

	categories |= flags & CMD_WRITE ? CATEGORY_WRITE : 0;
	categories |= flags & CMD_READONLY ? CATEGORY_READ : 0;
	categories |= flags & CMD_ADMIN ? CATEGORY_ADMIN | CATEGORY_DANGEROUS : 0;
	categories |= flags & CMD_OPERATOR ? CATEGORY_ADMIN : 0;
	categories |= flags & CMD_DANGEROUS ? CATEGORY_DANGEROUS : 0;
	categories |= flags & CMD_CONNECTION ? CATEGORY_CONNECTION : 0;
	categories |= flags & CMD_KEYSPACE ? CATEGORY_KEYSPACE : 0;
	for (size_t i = 0; i < sizeof(group_table) / sizeof(group_table[0]); i++) {
		if (command->run && strcmp(command->group, group_table[i].group) == 0) {
			categories |= group_table[i].category;
		}
	}
	return categories;
}

bool command_is_in_category(const struct command *command, const struct shiny_resp_arg *category)
{
	unsigned categories = categories_of(command);

	for (const struct word *word = category_words; word->name; word++) {
		if (categories & word->bit && shiny_resp_arg_is(category, word->name + 1)) {
			return true;
		}
	}
	return false;
}

static void reply_words(struct shiny_resp_reply *reply, const struct word *words, unsigned bits)
{
	size_t count = 0;

	for (const struct word *word = words; word->name; word++) {
		count += (bits & word->bit) != 0;
	}
	shiny_resp_set(reply, count);
	for (const struct word *word = words; word->name; word++) {
		if (bits & word->bit) {
			shiny_resp_status(reply, word->name);
		}
	}
}

unsigned command_key_flags(const struct command *command, size_t number)
{
	const struct command_keys *keys = &command->keys;

	if (number > 0 && keys->second) {
		return keys->second;
	}
	if (keys->flags) {
		return keys->flags;
	}
	return command->flags & CMD_WRITE ? KEY_RW | KEY_ACCESS | KEY_UPDATE : KEY_RO | KEY_ACCESS;
}

void command_reply_key_flags(struct shiny_resp_reply *reply, unsigned flags)
{
	reply_words(reply, key_words, flags);
}

static void reply_step(struct shiny_resp_reply *reply, const char *name, const char *type)
{
	shiny_resp_bulk_text(reply, name);
	shiny_resp_map(reply, 2);
	shiny_resp_bulk_text(reply, "type");
	shiny_resp_bulk_text(reply, type);
	shiny_resp_bulk_text(reply, "spec");
}

static void reply_number_field(struct shiny_resp_reply *reply, const char *name, int64_t value)
{
	shiny_resp_bulk_text(reply, name);
	shiny_resp_integer(reply, value);
}

/* From the key of that number on, up to the last one. */
static void reply_key_spec(struct shiny_resp_reply *reply, const struct command *command,
			   size_t number, int last)
{
	const struct command_keys *keys = &command->keys;

	shiny_resp_map(reply, 3);
	shiny_resp_bulk_text(reply, "flags");
	command_reply_key_flags(reply, command_key_flags(command, number));
	reply_step(reply, "begin_search", "index");
	shiny_resp_map(reply, 1);
	reply_number_field(reply, "index", keys->first + (int64_t)number);
	reply_step(reply, "find_keys", "range");
	shiny_resp_map(reply, 3);
	reply_number_field(reply, "lastkey", last);
	reply_number_field(reply, "keystep", keys->step);
	reply_number_field(reply, "limit", 0);
}

static void reply_key_specs(struct shiny_resp_reply *reply, const struct command *command)
{
	const struct command_keys *keys = &command->keys;

	if (!keys->first) {
		shiny_resp_array(reply, 0);
	} else if (keys->second) {
		shiny_resp_array(reply, 2);
		reply_key_spec(reply, command, 0, 0);
		reply_key_spec(reply, command, 1, 0);
	} else {
		shiny_resp_array(reply, 1);
		reply_key_spec(reply, command, 0,
			       keys->last < 0 ? keys->last : keys->last - keys->first);
	}
}

size_t command_sub_count(const struct command *command)
{
	size_t count = 0;

	while (command->sub && command->sub[count].name) {
		count++;
	}
	return count;
}

void command_full_name(const struct command *parent, const struct command *command, char *ret_name)
{
	snprintf(ret_name, COMMAND_FULL_NAME_MAX, "%s%s%s", parent ? parent->name : "",
		 parent ? "|" : "", command->name);
}

void command_reply_name(struct shiny_resp_reply *reply, const struct command *parent,
			const struct command *command)
{
	char name[COMMAND_FULL_NAME_MAX];

	command_full_name(parent, command, name);
	shiny_resp_bulk_text(reply, name);
}

static void reply_info(struct shiny_resp_reply *reply, const struct command *parent,
		       const struct command *command)
{
	size_t subs = command_sub_count(command);

	shiny_resp_array(reply, 10);
	command_reply_name(reply, parent, command);
	shiny_resp_integer(reply, command->arity);
	reply_words(reply, flag_words, command->flags);
	shiny_resp_integer(reply, command->keys.first);
	shiny_resp_integer(reply, command->keys.last);
	shiny_resp_integer(reply, command->keys.step);
	reply_words(reply, category_words, categories_of(command));
	shiny_resp_array(reply, 0); /* hints for proxies of clusters */
	reply_key_specs(reply, command);
	shiny_resp_array(reply, subs);
	for (size_t i = 0; i < subs; i++) {
		reply_info(reply, command, &command->sub[i]);
	}
}

const struct command *command_named(const struct call *call, size_t index,
				    const struct command **ret_parent)
{
	const struct shiny_resp_arg *arg = &call->argv[index];
	const char *bar = memchr(arg->data, '|', arg->len);
	size_t len = bar ? (size_t)(bar - arg->data) : arg->len;
	const struct command *command = shiny_resp_find(&call->instance->commands, arg->data, len);
	const struct command *parent = NULL;

	work_add(&call->instance->work, WORK_REQUEST);
	if (bar) {
		parent = command;
		command = parent && parent->sub
				  ? command_find_sub(
					    parent,
					    &(struct shiny_resp_arg){ bar + 1, arg->len - len - 1 })
				  : NULL;
	}
	*ret_parent = parent;
	return command;
}

void cmd_command(struct call *call)
{
	shiny_resp_array(call->reply, command_count());
	for (size_t i = 0; i < command_count(); i++) {
		reply_info(call->reply, NULL, &command_table[i]);
	}
}

void cmd_command_count(struct call *call)
{
	shiny_resp_integer(call->reply, (int64_t)command_count());
}

static void reply_info_of(struct shiny_resp_reply *reply, const void *command)
{
	reply_info(reply, command_parent(command), command);
}

static void reply_named(struct call *call)
{
	struct reply_repeats repeats = { 0 };

	shiny_resp_array(call->reply, call->argc - 2);
	for (size_t i = 2; i < call->argc; i++) {
		const struct command *parent, *command = command_named(call, i, &parent);

		if (command) {
			reply_repeat(&repeats, call->reply, command, reply_info_of);
		} else {
			shiny_resp_null(call->reply);
		}
	}
}

void cmd_command_info(struct call *call)
{
	if (call->argc == 2) {
		cmd_command(call);
	} else if (call_prepare(call, reply_named)) {
		reply_named(call);
	}
}
