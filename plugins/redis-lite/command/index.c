/* SPDX-License-Identifier: MIT */
/*
 * Commands by name. Those of the table are in an index of libshiny-resp's; subcommands are few.
 */
#include "command/command.h"

#include <assert.h>
#include <shiny-resp-inline.h>

void command_index_init(struct shiny_resp_index *index)
{
	*index = (struct shiny_resp_index){ 0 };
	for (const struct command *command = command_table; command->name; command++) {
		int r = shiny_resp_index_add(index, command->name, command);

		assert(r == 0);
		(void)r;
	}
}

const struct command *command_find_sub(const struct command *command,
				       const struct shiny_resp_arg *name)
{
	for (const struct command *sub = command->sub; sub->name; sub++) {
		if (shiny_resp_arg_is(name, sub->name)) {
			return sub;
		}
	}
	return NULL;
}

const struct command *command_parent(const struct command *sub)
{
	for (const struct command *command = command_table; command->name; command++) {
		for (const struct command *s = command->sub; s && s->name; s++) {
			if (s == sub) {
				return command;
			}
		}
	}
	return NULL;
}

size_t command_last_key(const struct command *command, size_t argc)
{
	int last = command->keys.last;

	return last >= 0 ? (size_t)last : argc - (size_t)-last;
}
