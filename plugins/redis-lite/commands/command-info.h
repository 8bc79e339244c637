/* SPDX-License-Identifier: MIT */
/*
 * What the subcommands of COMMAND share: full names, categories, and flags of keys.
 */
#ifndef REDIS_LITE_COMMANDS_COMMAND_INFO_H
#define REDIS_LITE_COMMANDS_COMMAND_INFO_H

#include "command/command.h"

/* What the subcommands of COMMAND share. @parent is NULL but for a subcommand. */

/* Room for "parent|command". */
#define COMMAND_FULL_NAME_MAX (COMMAND_NAME_MAX + COMMAND_SUB_NAME_MAX + 2)

size_t command_sub_count(const struct command *command);
bool command_is_in_category(const struct command *command, const struct shiny_resp_arg *category);

/* command_named() - the command whose full name is that argument; or NULL */
const struct command *command_named(const struct call *call, size_t index,
				    const struct command **ret_parent);

void command_full_name(const struct command *parent, const struct command *command, char *ret_name);
void command_reply_name(struct shiny_resp_reply *reply, const struct command *parent,
			const struct command *command);

/* command_key_flags() - what becomes of a key of the command, the first being number 0 */
unsigned command_key_flags(const struct command *command, size_t number);
void command_reply_key_flags(struct shiny_resp_reply *reply, unsigned flags);

#endif
