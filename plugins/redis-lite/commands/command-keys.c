/* SPDX-License-Identifier: MIT */
/*
 * COMMAND GETKEYS: which arguments of a whole request are keys, and what becomes of them.
 */
#include "command/instance.h"
#include "commands/command-info.h"
#include "commands/commands.h"

/* The command of the request that begins with the third argument, or NULL. */
static const struct command *find_asked(const struct call *call)
{
	const struct command *command =
		shiny_resp_find(&call->instance->commands, call->argv[2].data, call->argv[2].len);

	return command && command->sub && call->argc > 3 ? command_find_sub(command, &call->argv[3])
							 : command;
}

/* In a request that has the command for its third argument. What varies is so by SET's GET. */
static unsigned flags_of(const struct call *call, const struct command *command, size_t number)
{
	unsigned flags = command_key_flags(command, number);

	if (!(flags & KEY_VARIABLE)) {
		return flags;
	}
	for (size_t i = 5; call_has(call, i); i++) {
		if (shiny_resp_arg_is(&call->argv[i], "get")) {
			return KEY_RW | KEY_ACCESS | KEY_UPDATE;
		}
	}
	return KEY_OW | KEY_UPDATE;
}

static void reply_keys(struct call *call, bool with_flags)
{
	const struct command *command = find_asked(call);
	size_t argc = call->argc - 2, last;

	if (!command) {
		shiny_resp_error(call->reply, "ERR Invalid command specified");
		return;
	}
	if (!command->keys.first) {
		shiny_resp_error(call->reply, "ERR The command has no key arguments");
		return;
	}
	if (!shiny_resp_has_arity(command->arity, argc)) {
		shiny_resp_error(call->reply,
				 "ERR Invalid number of arguments specified for command");
		return;
	}
	const struct command_keys *keys = &command->keys;
	size_t first = (size_t)keys->first, step = (size_t)keys->step;

	last = command_last_key(command, argc);
	shiny_resp_array(call->reply, (last - first) / step + 1);
	for (size_t i = first; i <= last; i += step) {
		const struct shiny_resp_arg *key = &call->argv[i + 2];

		work_add(&call->instance->work, WORK_LOOK);
		if (with_flags) {
			shiny_resp_array(call->reply, 2);
			shiny_resp_bulk(call->reply, key->data, key->len);
			command_reply_key_flags(call->reply,
						flags_of(call, command, (i - first) / step));
		} else {
			shiny_resp_bulk(call->reply, key->data, key->len);
		}
	}
}

static void reply_without_flags(struct call *call)
{
	reply_keys(call, false);
}

static void reply_with_flags(struct call *call)
{
	reply_keys(call, true);
}

void cmd_command_getkeys(struct call *call)
{
	if (call_prepare(call, reply_without_flags)) {
		reply_without_flags(call);
	}
}

void cmd_command_getkeysandflags(struct call *call)
{
	if (call_prepare(call, reply_with_flags)) {
		reply_with_flags(call);
	}
}
