/* SPDX-License-Identifier: MIT */
/*
 * COMMAND DOCS: what commands are for, and what they take.
 */
#include "command/reply-repeat.h"
#include "commands/command-info.h"
#include "commands/commands.h"
#include "commands/syntax.h"

static void reply_field(struct shiny_resp_reply *reply, const char *name, const char *value)
{
	shiny_resp_bulk_text(reply, name);
	shiny_resp_bulk_text(reply, value);
}

static void reply_doc(struct shiny_resp_reply *reply, const struct command *parent,
		      const struct command *command)
{
	size_t subs = command_sub_count(command);

	command_reply_name(reply, parent, command);
	shiny_resp_map(reply, 3 + (command->syntax != NULL) + (subs > 0));
	reply_field(reply, "summary", command->summary);
	reply_field(reply, "since", command->since);
	reply_field(reply, "group", command->group);
	if (command->syntax) {
		shiny_resp_bulk_text(reply, "arguments");
		command_reply_arguments(reply, command);
	}
	if (subs) {
		shiny_resp_bulk_text(reply, "subcommands");
		shiny_resp_map(reply, subs);
		for (size_t i = 0; i < subs; i++) {
			reply_doc(reply, command, &command->sub[i]);
		}
	}
}

static void reply_all(struct call *call)
{
	shiny_resp_map(call->reply, command_count());
	for (size_t i = 0; i < command_count(); i++) {
		reply_doc(call->reply, NULL, &command_table[i]);
	}
}

static void reply_doc_of(struct shiny_resp_reply *reply, const void *command)
{
	reply_doc(reply, command_parent(command), command);
}

static void reply_named(struct call *call)
{
	struct reply_repeats repeats = { 0 };
	size_t count = 0;

	for (size_t i = 2; i < call->argc; i++) {
		const struct command *parent;

		count += command_named(call, i, &parent) != NULL;
	}
	shiny_resp_map(call->reply, count);
	for (size_t i = 2; i < call->argc; i++) {
		const struct command *parent, *command = command_named(call, i, &parent);

		if (command) {
			reply_repeat(&repeats, call->reply, command, reply_doc_of);
		}
	}
}

void cmd_command_docs(struct call *call)
{
	if (call->argc == 2) {
		reply_all(call);
	} else if (call_prepare(call, reply_named)) {
		reply_named(call);
	}
}
