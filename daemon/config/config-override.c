/* SPDX-License-Identifier: MIT */
/*
 * Settings of the command line: SECTION.KEY=VALUE, taken apart and put into the section.
 */
#include "config/config-override.h"

#include <glib.h>
#include <string.h>

static void override(struct config *config, const char *text, struct source *source,
		     struct problems *problems)
{
	const struct source_location location = { source->name, NULL, 0 };
	const char *equals = strchr(text, '=');
	char *left = g_strndup(text, equals != NULL ? (gsize)(equals - text) : 0);
	char *dot = strrchr(left, '.'); /* names of servers may hold dots, keys may not */
	struct config_section *section;

	if (dot == NULL || dot == left || dot[1] == '\0') {
		problems_add(problems, PROBLEM_CONFIG, &location,
			     "expected SECTION.KEY=VALUE, not '%s'", text);
		g_free(left);
		return;
	}
	*dot = '\0';
	section = config_find_named(config, left);
	if (section == NULL && config->partial) {
		g_free(left); /* it may stand in a file that was not read */
		return;
	}
	if (section == NULL) {
		char *missing = config_explain_missing(config, left);

		problems_add(problems, PROBLEM_CONFIG, &location, "%s", missing);
		g_free(missing);
	} else if (strcmp(dot + 1, daemon_keys[DAEMON_INCLUDE].param.key) == 0) {
		problems_add(problems, PROBLEM_CONFIG, &location,
			     "include may only stand in the file");
	} else {
		settings_override(&section->settings, dot + 1, equals + 1, source);
	}
	g_free(left);
}

void config_override(struct config *config, char *const *overrides, struct problems *problems)
{
	struct source *source = overrides != NULL ? config_add_source(config, "-o") : NULL;

	if (source != NULL) {
		source->is_command_line = true;
	}
	for (size_t i = 0; overrides != NULL && overrides[i] != NULL; i++) {
		override(config, overrides[i], source, problems);
	}
}
