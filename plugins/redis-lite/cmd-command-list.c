/* SPDX-License-Identifier: MIT */
/*
 * COMMAND LIST: the names of all commands, or of some.
 */
#include "cmd.h"
#include "command-info.h"
#include "glob.h"

/* No command is from a module. */
static bool is_of_module(const struct command *command, const char *name,
			 const struct resp_arg *module)
{
	(void)command, (void)name, (void)module;
	return false;
}

static bool is_of_category(const struct command *command, const char *name,
			   const struct resp_arg *category)
{
	(void)name;
	return command_is_in_category(command, category);
}

static bool is_of_pattern(const struct command *command, const char *name,
			  const struct resp_arg *pattern)
{
	(void)command;
	return glob_match_nocase(pattern->data, pattern->len, name, strlen(name));
}

struct listing {
	bool (*filter)(const struct command *command, const char *name, const struct resp_arg *arg);
	const struct resp_arg *arg;
	struct reply *reply; /* NULL: only count */
	size_t count;
};

static void list(struct listing *listing, const struct command *parent,
		 const struct command *command)
{
	char name[COMMAND_FULL_NAME_MAX];

	command_full_name(parent, command, name);
	if (!listing->filter || listing->filter(command, name, listing->arg)) {
		listing->count++;
		if (listing->reply) {
			reply_bulk_text(listing->reply, name);
		}
	}
	for (size_t i = 0; i < command_sub_count(command); i++) {
		list(listing, command, &command->sub[i]);
	}
}

static void list_all(struct listing *listing)
{
	for (size_t i = 0; i < command_count(); i++) {
		list(listing, NULL, &command_table[i]);
	}
}

void cmd_command_list(struct call *call)
{
	struct listing listing = { 0 };

	if (call->argc == 5 && arg_is(&call->argv[2], "filterby")) {
		const struct resp_arg *kind = &call->argv[3];

		listing.filter = arg_is(kind, "module")	   ? is_of_module
				 : arg_is(kind, "aclcat")  ? is_of_category
				 : arg_is(kind, "pattern") ? is_of_pattern
							   : NULL;
		listing.arg = &call->argv[4];
	}
	if (call->argc > 2 && !listing.filter) {
		call_syntax_error(call);
		return;
	}
	list_all(&listing);
	reply_array(call->reply, listing.count);
	listing.reply = call->reply;
	list_all(&listing);
}
