/* SPDX-License-Identifier: MIT */
/*
 * The arguments of commands as COMMAND DOCS tells them, made from the short text in a command's
 * row.
 */
#ifndef REDIS_LITE_COMMANDS_SYNTAX_H
#define REDIS_LITE_COMMANDS_SYNTAX_H

#include "command/command.h"

/* command_reply_arguments() - what a command that has a syntax takes, as COMMAND DOCS tells it */
void command_reply_arguments(struct shiny_resp_reply *reply, const struct command *command);

#endif
