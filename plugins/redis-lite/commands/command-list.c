/* SPDX-License-Identifier: MIT */
/*
 * COMMAND LIST: the names of all commands, or of some.
 */
#include "command/instance.h"
#include "commands/command-info.h"
#include "commands/commands.h"
#include "util/glob.h"

struct listing {
	bool (*filter)(const struct listing *listing, const struct command *command,
		       const char *name); /* NULL: all */
	const struct shiny_resp_arg *category;
	struct glob glob;
	struct shiny_resp_reply *reply; /* NULL: only count */
	size_t count;
};

/* No command is from a module. */
static bool is_of_module(const struct listing *listing, const struct command *command,
			 const char *name)
{
	(void)listing, (void)command, (void)name;
	return false;
}

static bool is_of_category(const struct listing *listing, const struct command *command,
			   const char *name)
{
	(void)name;
	return command_is_in_category(command, listing->category);
}

static bool is_of_pattern(const struct listing *listing, const struct command *command,
			  const char *name)
{
	(void)command;
	return glob_match(&listing->glob, name, strlen(name), NULL);
}

static void list(struct listing *listing, const struct command *parent,
		 const struct command *command)
{
	char name[COMMAND_FULL_NAME_MAX];

	command_full_name(parent, command, name);
	if (!listing->filter || listing->filter(listing, command, name)) {
		listing->count++;
		if (listing->reply) {
			shiny_resp_bulk_text(listing->reply, name);
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

/* What is to be listed, to be given to glob_finish(). False after an error reply. */
static bool read_filter(struct call *call, struct listing *listing)
{
	const struct shiny_resp_arg *kind = &call->argv[3], *arg = &call->argv[4];

	*listing = (struct listing){ 0 };
	if (call->argc == 2) {
		return true;
	}
	if (call->argc != 5 || !shiny_resp_arg_is(&call->argv[2], "filterby")) {
		call_syntax_error(call);
	} else if (shiny_resp_arg_is(kind, "module")) {
		listing->filter = is_of_module;
	} else if (shiny_resp_arg_is(kind, "aclcat")) {
		listing->filter = is_of_category;
		listing->category = arg;
	} else if (!shiny_resp_arg_is(kind, "pattern")) {
		call_syntax_error(call);
	} else if (glob_init(&listing->glob, arg->data, arg->len, true) < 0) {
		call_memory_error(call);
	} else {
		listing->filter = is_of_pattern;
	}
	return listing->filter;
}

void cmd_command_list(struct call *call)
{
	struct listing listing;

	if (!read_filter(call, &listing)) {
		return;
	}
	list_all(&listing);
	shiny_resp_array(call->reply, listing.count);
	listing.reply = call->reply;
	list_all(&listing);
	glob_finish(&listing.glob);
}
