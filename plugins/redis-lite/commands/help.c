/* SPDX-License-Identifier: MIT */
/*
 * HELP of the commands that have subcommands: what their rows say.
 */
#include "command/command.h"
#include "commands/commands.h"

#include <stdio.h>

static void upper(const char *name, char *ret_text)
{
	do {
		*ret_text++ = *name >= 'a' && *name <= 'z' ? (char)(*name & ~0x20) : *name;
	} while (*name++);
}

void cmd_help(struct call *call)
{
	const struct command *parent = command_parent(call->command);
	char name[COMMAND_SUB_NAME_MAX + 1], line[256];
	size_t count = 0;

	while (parent->sub[count].name) {
		count++;
	}
	upper(parent->name, name);
	snprintf(line, sizeof(line),
		 "%s <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", name);
	shiny_resp_array(call->reply, 1 + 2 * count);
	shiny_resp_status(call->reply, line);
	for (const struct command *sub = parent->sub; sub->name; sub++) {
		upper(sub->name, name);
		shiny_resp_status(call->reply, name);
		snprintf(line, sizeof(line), "    %s.", sub->summary);
		shiny_resp_status(call->reply, line);
	}
}
