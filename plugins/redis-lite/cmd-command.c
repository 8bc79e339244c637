/* SPDX-License-Identifier: MIT */
/*
 * COMMAND: what the command table says, as replies.
 */
#include "cmd.h"
#include "command.h"
#include "instance.h"

#include <stdio.h>

static const struct {
	unsigned flag;
	const char *name;
} flag_table[] = {
	{ CMD_WRITE, "write" }, { CMD_READONLY, "readonly" }, { CMD_GROWS, "denyoom" },
	{ CMD_FAST, "fast" },	{ CMD_ADMIN, "admin" },
};

#define FLAGS (sizeof(flag_table) / sizeof(flag_table[0]))

static void reply_flags(struct reply *reply, unsigned flags)
{
	size_t count = 0;

	for (size_t i = 0; i < FLAGS; i++) {
		count += (flags & flag_table[i].flag) != 0;
	}
	reply_set(reply, count);
	for (size_t i = 0; i < FLAGS; i++) {
		if (flags & flag_table[i].flag) {
			reply_status(reply, flag_table[i].name);
		}
	}
}

/* The categories of Redis's access control lists, as far as they follow from the row. */
static void reply_categories(struct reply *reply, const struct command *command)
{
	static const struct {
		const char *group, *category;
	} groups[] = {
		{ "string", "@string" },
		{ "generic", "@keyspace" },
		{ "connection", "@connection" },
	};
	const char *categories[5];
	size_t count = 0;

	if (command->flags & CMD_WRITE) {
		categories[count++] = "@write";
	} else if (command->flags & CMD_READONLY) {
		categories[count++] = "@read";
	}
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (strcmp(command->group, groups[i].group) == 0) {
			categories[count++] = groups[i].category;
		}
	}
	if (command->flags & CMD_ADMIN) {
		categories[count++] = "@admin";
		categories[count++] = "@dangerous";
	}
	categories[count++] = command->flags & CMD_FAST ? "@fast" : "@slow";
	reply_set(reply, count);
	for (size_t i = 0; i < count; i++) {
		reply_status(reply, categories[i]);
	}
}

static size_t sub_count(const struct command *command)
{
	size_t count = 0;

	while (command->sub && command->sub[count].name) {
		count++;
	}
	return count;
}

static void reply_name(struct reply *reply, const struct command *parent,
		       const struct command *command)
{
	char name[2 * COMMAND_NAME_MAX + 2];
	int len = snprintf(name, sizeof(name), "%s%s%s", parent ? parent->name : "",
			   parent ? "|" : "", command->name);

	reply_bulk(reply, name, (size_t)len);
}

/* What stands before the subcommands: Redis's hints and key specifications are left empty. */
static void reply_row(struct reply *reply, const struct command *parent,
		      const struct command *command)
{
	reply_array(reply, 10);
	reply_name(reply, parent, command);
	reply_number(reply, command->arity);
	reply_flags(reply, command->flags);
	reply_number(reply, command->keys.first);
	reply_number(reply, command->keys.last);
	reply_number(reply, command->keys.step);
	reply_categories(reply, command);
	reply_array(reply, 0);
	reply_array(reply, 0);
}

static void reply_info(struct reply *reply, const struct command *command)
{
	size_t subs = sub_count(command);

	reply_row(reply, NULL, command);
	reply_array(reply, subs);
	for (size_t i = 0; i < subs; i++) {
		reply_row(reply, command, &command->sub[i]);
		reply_array(reply, 0);
	}
}

static void reply_doc(struct reply *reply, const struct command *parent,
		      const struct command *command)
{
	size_t subs = sub_count(command);

	reply_name(reply, parent, command);
	reply_map(reply, subs ? 4 : 3);
	reply_bulk_text(reply, "summary");
	reply_bulk_text(reply, command->summary);
	reply_bulk_text(reply, "since");
	reply_bulk_text(reply, command->since);
	reply_bulk_text(reply, "group");
	reply_bulk_text(reply, command->group);
	if (subs) {
		reply_bulk_text(reply, "subcommands");
		reply_map(reply, subs);
		for (size_t i = 0; i < subs; i++) {
			reply_doc(reply, command, &command->sub[i]);
		}
	}
}

static const struct command *named(const struct call *call, size_t index)
{
	return command_find(&call->instance->commands, call->argv[index].data,
			    call->argv[index].len);
}

void cmd_command(struct call *call)
{
	reply_array(call->reply, command_count());
	for (size_t i = 0; i < command_count(); i++) {
		reply_info(call->reply, &command_table[i]);
	}
}

void cmd_command_count(struct call *call)
{
	reply_number(call->reply, (int64_t)command_count());
}

void cmd_command_info(struct call *call)
{
	if (call->argc == 2) {
		cmd_command(call);
		return;
	}
	reply_array(call->reply, call->argc - 2);
	for (size_t i = 2; i < call->argc; i++) {
		const struct command *command = named(call, i);

		if (command) {
			reply_info(call->reply, command);
		} else {
			reply_null(call->reply);
		}
	}
}

void cmd_command_docs(struct call *call)
{
	size_t count = 0;

	if (call->argc == 2) {
		reply_map(call->reply, command_count());
		for (size_t i = 0; i < command_count(); i++) {
			reply_doc(call->reply, NULL, &command_table[i]);
		}
		return;
	}
	for (size_t i = 2; i < call->argc; i++) {
		count += named(call, i) != NULL;
	}
	reply_map(call->reply, count);
	for (size_t i = 2; i < call->argc; i++) {
		if (named(call, i)) {
			reply_doc(call->reply, NULL, named(call, i));
		}
	}
}
