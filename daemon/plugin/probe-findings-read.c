/* SPDX-License-Identifier: MIT */
/*
 * Findings, read by the parent, which believes nothing.
 */
#include "plugin/probe-findings.h"

#include "util/printable.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define FIELDS	     4

#define BIT(finding) (1u << (finding))

/* What was read so far. It is the section's once all of it is right. */
struct reading {
	const struct config_section *server;
	unsigned may_follow; /* kinds, as bits */
	struct plugin_facts plugin;
	struct problems problems;
};

#define ANY_PROBLEM (BIT(FINDING_NAME) - 1)
#define LAST	    (BIT(FINDING_WARNING) | BIT(FINDING_DONE))

/* A plugin that was loaded is named; what comes several times is there as often as it likes. */
static const unsigned followers[FINDING_MAX] = {
	[FINDING_NAME] = BIT(FINDING_VERSION),
	[FINDING_VERSION] = BIT(FINDING_FLAGS),
	[FINDING_FLAGS] = BIT(FINDING_PERSISTENT),
	[FINDING_PERSISTENT] = BIT(FINDING_PARAMETER) | LAST,
	[FINDING_PARAMETER] = BIT(FINDING_PARAMETER) | LAST,
	[FINDING_WARNING] = LAST,
};

static unsigned list_followers(unsigned finding)
{
	return finding < FINDING_NAME ? ANY_PROBLEM | BIT(FINDING_NAME) | LAST : followers[finding];
}

static void append_line(char **text, const char *line)
{
	char *longer = g_strconcat(*text != NULL ? *text : "", line, "\n", NULL);

	g_free(*text);
	*text = longer;
}

static bool parse_number(const char *text, unsigned *ret)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(text, 10, 0, UINT_MAX, &number, NULL)) {
		return false;
	}
	*ret = (unsigned)number;
	return true;
}

/* The same as it is sent. */
static bool equals_printed(const char *text, const char *printed)
{
	char *copy = g_strdup(text);
	bool same = strcmp(printable(copy), printed) == 0;

	g_free(copy);
	return same;
}

static bool have_file(const struct settings *settings, const char *file)
{
	for (size_t i = 0; settings != NULL && i < settings->count; i++) {
		if (equals_printed(settings->all[i].source->name, file) ||
		    equals_printed(settings->all[i].holder->name, file)) {
			return true;
		}
	}
	return false;
}

/* Its own section is all that a plugin is asked of: in its files, and under its title. */
static bool is_of_section(const struct config_section *server, const char *file, const char *text)
{
	char *title = g_strdup_printf("[%s] ", server->title);
	bool is_titled = g_str_has_prefix(text, title);

	g_free(title);
	return is_titled &&
	       (equals_printed(server->location.file, file) || have_file(&server->settings, file) ||
		have_file(server->settings.overridden, file));
}

/* "key = ..." or "; key ..."; it must not look like anything else where it is printed. */
static bool is_parameter(const char *text)
{
	size_t len;

	text += g_str_has_prefix(text, "; ") ? 2 : 0;
	len = strspn(text, PLUGIN_KEY_CHARACTERS);
	return len > 0 && text[len] == ' ';
}

static bool is_name(const char *text)
{
	return *text != '\0' && strchr(text, ' ') == NULL;
}

static bool is_fact(unsigned finding, const char *text)
{
	unsigned number;

	switch (finding) {
	case FINDING_NAME:
		return is_name(text);
	case FINDING_FLAGS:
		return parse_number(text, &number);
	case FINDING_PERSISTENT:
		return strcmp(text, "0") == 0 || strcmp(text, "1") == 0;
	case FINDING_PARAMETER:
		return is_parameter(text);
	case FINDING_DONE:
		return *text == '\0';
	default:
		return true;
	}
}

static void take_fact(unsigned finding, const char *text, struct plugin_facts *plugin)
{
	switch (finding) {
	case FINDING_NAME:
		plugin->name = g_strdup(text);
		break;
	case FINDING_VERSION:
		plugin->version = g_strdup(text);
		break;
	case FINDING_FLAGS:
		parse_number(text, &plugin->flags);
		break;
	case FINDING_PERSISTENT:
		plugin->persistent = *text == '1';
		break;
	case FINDING_PARAMETER:
		append_line(&plugin->parameters, text);
		break;
	case FINDING_WARNING:
		append_line(&plugin->warnings, text);
		break;
	}
}

/* Returns whether it is one that may stand there. */
static bool read_fields(struct reading *reading, char **fields)
{
	struct source_location location = { .file = fields[2] };
	const char *text = fields[3];
	unsigned finding;

	if (!parse_number(fields[0], &finding) || finding >= FINDING_MAX ||
	    (reading->may_follow & BIT(finding)) == 0 || !parse_number(fields[1], &location.line) ||
	    !equals_printed(text, text)) {
		return false;
	}
	reading->may_follow = list_followers(finding);
	if (finding < FINDING_NAME) {
		problems_add(&reading->problems, (enum problem_kind)finding, &location, "%s", text);
		return is_of_section(reading->server, location.file, text);
	}
	if (!is_fact(finding, text) || location.line != 0 || *location.file != '\0') {
		return false;
	}
	take_fact(finding, text, &reading->plugin);
	return true;
}

static bool read_line(struct reading *reading, const char *line)
{
	char **fields = g_strsplit(line, "\t", FIELDS);
	bool right = g_strv_length(fields) == FIELDS && read_fields(reading, fields);

	g_strfreev(fields);
	return right;
}

static int read_lines(struct reading *reading, const GString *text)
{
	char **lines = g_strsplit(text->str, "\n", -1);
	bool right = strlen(text->str) == text->len;
	size_t i;

	/* What follows the last newline is none. */
	for (i = 0; right && lines[i] != NULL && lines[i + 1] != NULL; i++) {
		right = read_line(reading, lines[i]);
	}
	right = right && (lines[i] == NULL || *lines[i] == '\0' || reading->may_follow != 0);
	g_strfreev(lines);
	if (!right) {
		return -EPROTO;
	}
	return reading->may_follow == 0 ? 0 : -ENODATA;
}

static void take_facts(struct plugin_facts *from, struct plugin_facts *plugin)
{
	plugin->name = from->name;
	plugin->version = from->version;
	plugin->flags = from->flags;
	plugin->persistent = from->persistent;
	plugin->parameters = from->parameters;
	plugin->warnings = from->warnings;
	*from = (struct plugin_facts){ 0 };
}

static void take_problems(const struct problems *from, struct problems *problems)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct problem *problem = &from->all[i];
		const struct source_location location = { problem->file, NULL, problem->line };

		problems_add(problems, problem->kind, &location, "%s", problem->text);
	}
}

int probe_findings_read(struct config_section *server, const GString *text,
			struct problems *problems)
{
	struct reading reading = {
		.server = server,
		.may_follow = list_followers(0),
		.problems = PROBLEMS_INIT,
	};
	int r = read_lines(&reading, text);

	if (r == 0 && reading.plugin.name == NULL && reading.problems.count == 0) {
		r = -EPROTO;
	}
	if (r == 0) {
		take_facts(&reading.plugin, &server->plugin);
		take_problems(&reading.problems, problems);
	}
	g_free(reading.plugin.name);
	g_free(reading.plugin.version);
	g_free(reading.plugin.parameters);
	g_free(reading.plugin.warnings);
	problems_finish(&reading.problems);
	return r;
}
