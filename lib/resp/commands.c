/* SPDX-License-Identifier: MIT */
#include "commands.h"

void shiny_resp_index_init(struct shiny_resp_index *index)
{
	*index = (struct shiny_resp_index){ 0 };
	for (const struct command *command = command_table; command->name; command++) {
		struct shiny_resp_name name = shiny_resp_name(command->name, strlen(command->name));
		unsigned i = shiny_resp_name_slot(&name);

		while (index->slot[i].command) {
			i = (i + 1) % SHINY_RESP_INDEX_SIZE;
		}
		index->slot[i].name = name;
		index->slot[i].command = command;
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

bool command_has_arity(const struct command *command, size_t argc)
{
	return command->arity >= 0 ? argc == (size_t)command->arity
				   : argc >= (size_t)-command->arity;
}

size_t command_last_key(const struct command *command, size_t argc)
{
	int last = command->keys.last;

	return last >= 0 ? (size_t)last : argc - (size_t)-last;
}

bool shiny_resp_arg_is(const struct shiny_resp_arg *arg, const char *word)
{
	for (size_t i = 0; i < arg->len; i++) {
		char c = arg->data[i];

		c = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
		if (word[i] == '\0' || c != word[i]) {
			return false;
		}
	}
	return word[arg->len] == '\0';
}
