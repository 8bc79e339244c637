/* SPDX-License-Identifier: MIT */
#include "command/command.h"
#include "harness.h"

#include <shiny-resp-inline.h>
#include <string.h>

static struct shiny_resp_index names;

static void check_row(const struct command *command, const struct command *before, bool is_sub)
{
	const struct command_keys *keys = &command->keys;

	for (const char *p = command->name; *p; p++) {
		g_assert_true(g_ascii_islower(*p) || (*p == '-' && p > command->name));
	}
	if (before) {
		g_assert_cmpstr(before->name, <, command->name);
	}
	g_assert_cmpint(command->arity, !=, 0);
	g_assert_true(command->run || (command->sub && command->arity <= -2));
	g_assert_cmpuint(command->flags, !=, 0);
	g_assert_cmpint(command->flags & CMD_SUBS, ==, command->sub ? CMD_SUBS : 0);
	g_assert_nonnull(command->group);
	g_assert_nonnull(command->since);
	g_assert_nonnull(command->summary);
	g_assert_false(command->flags & CMD_WRITE && command->flags & CMD_READONLY);
	/* The first key, if there is one, is the first argument: its hash is known to the call. */
	g_assert_cmpint(keys->first, ==, keys->step ? 1 + is_sub : 0);
	g_assert_cmpint(keys->last, ==, keys->first ? keys->last : 0);
}

static void rows_are_sorted_and_whole(void)
{
	for (size_t i = 0; i < command_count(); i++) {
		const struct command *command = &command_table[i];

		check_row(command, i ? command - 1 : NULL, false);
		g_assert_cmpuint(strlen(command->name), <=, COMMAND_NAME_MAX);
		for (const struct command *sub = command->sub; sub && sub->name; sub++) {
			check_row(sub, sub > command->sub ? sub - 1 : NULL, true);
			g_assert_cmpuint(strlen(sub->name), <=, COMMAND_SUB_NAME_MAX);
			g_assert_null(sub->sub);
		}
	}
	g_assert_null(command_table[command_count()].name);
}

static void every_name_is_found_in_any_case(void)
{
	for (size_t i = 0; i < command_count(); i++) {
		char *name = g_strdup(command_table[i].name);
		size_t len = strlen(name);

		g_assert_true(shiny_resp_find(&names, name, len) == &command_table[i]);
		name[len / 2] = g_ascii_toupper(name[len / 2]);
		g_assert_true(shiny_resp_find(&names, name, len) == &command_table[i]);
		for (size_t j = 0; j < len; j++) {
			name[j] = g_ascii_toupper(name[j]);
		}
		g_assert_true(shiny_resp_find(&names, name, len) == &command_table[i]);
		g_free(name);
	}
}

static void a_name_with_a_wrong_byte_is_not_found(void)
{
	for (size_t i = 0; i < command_count(); i++) {
		size_t len = strlen(command_table[i].name);

		for (size_t at = 0; at < len; at++) {
			for (int byte = 0; byte < 256; byte++) {
				char *name = g_strdup(command_table[i].name);
				const struct command *found;

				name[at] = (char)byte;
				found = shiny_resp_find(&names, name, len);
				g_assert_true(!found ||
					      g_ascii_strncasecmp(found->name, name, len) == 0);
				g_free(name);
			}
		}
	}
}

static void a_longer_or_shorter_name_is_not_found(void)
{
	static const char *const unknown[] = {
		"", "g", "ge", "gett", "getgetgetgetgetget", "setget", "pexpirea", "\0get"
	};

	for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
		g_assert_null(shiny_resp_find(&names, unknown[i], strlen(unknown[i])));
	}
	g_assert_null(shiny_resp_find(&names, "get", 2));
	g_assert_null(shiny_resp_find(&names, "get\0", 4));
}

static void words_are_compared_whole(void)
{
	g_assert_true(shiny_resp_arg_is(&SHINY_RESP_ARG("Match"), "match"));
	g_assert_false(shiny_resp_arg_is(&SHINY_RESP_ARG("matc"), "match"));
	g_assert_false(shiny_resp_arg_is(&SHINY_RESP_ARG("matchx"), "match"));
	g_assert_false(shiny_resp_arg_is(&SHINY_RESP_ARG("match\0"), "match"));
	g_assert_false(shiny_resp_arg_is(&SHINY_RESP_ARG(""), "match"));
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	command_index_init(&names);
	harness_add("/command/rows-are-sorted-and-whole", rows_are_sorted_and_whole);
	harness_add("/command/every-name-is-found-in-any-case", every_name_is_found_in_any_case);
	harness_add("/command/a-name-with-a-wrong-byte-is-not-found",
		    a_name_with_a_wrong_byte_is_not_found);
	harness_add("/command/a-longer-or-shorter-name-is-not-found",
		    a_longer_or_shorter_name_is_not_found);
	harness_add("/command/words-are-compared-whole", words_are_compared_whole);
	return harness_run();
}
