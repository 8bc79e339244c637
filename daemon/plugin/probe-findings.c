/* SPDX-License-Identifier: MIT */
/*
 * Findings, written and read.
 */
#include "plugin/probe-findings.h"

#include "config/config-dump.h"
#include "util/printable.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

/* Those below are problems, by their kind. */
enum finding {
	FINDING_NAME = PROBLEM_KIND_MAX,
	FINDING_VERSION,
	FINDING_FLAGS,
	FINDING_PERSISTENT,
	FINDING_PARAMETER,
	FINDING_WARNING,
	FINDING_DONE,
	FINDING_MAX
};

#define FIELDS 4

static void send_finding(int fd, unsigned finding, unsigned line, const char *file,
			 const char *text)
{
	char *fields[] = { g_strdup(file), g_strdup(text) };

	dprintf(fd, "%u\t%u\t%s\t%s\n", finding, line, printable(fields[0]), printable(fields[1]));
	g_free(fields[0]);
	g_free(fields[1]);
}

static void send_lines(int fd, unsigned finding, const char *text)
{
	char **lines = g_strsplit(text, "\n", -1);

	for (size_t i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
		send_finding(fd, finding, 0, "", lines[i]);
	}
	g_strfreev(lines);
}

static void send_parameters(int fd, const struct config_section *server,
			    const struct plugin *plugin)
{
	for (size_t i = 0; i < plugin->n_keys; i++) {
		GString *text = g_string_new(NULL);

		config_dump_key(&plugin->keys[i], &server->settings, NULL, text);
		send_lines(fd, FINDING_PARAMETER, text->str);
		g_string_free(text, TRUE);
	}
}

void probe_findings_send(int fd, const struct config_section *server,
			 const struct problems *problems, const struct plugin *plugin)
{
	char flags[16];

	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->all[i];

		send_finding(fd, problem->kind, problem->line, problem->file, problem->text);
	}
	if (plugin->object != NULL) {
		g_snprintf(flags, sizeof(flags), "%u", plugin->info.flags);
		send_finding(fd, FINDING_NAME, 0, "", plugin->info.name);
		send_finding(fd, FINDING_VERSION, 0, "", plugin->info.version);
		send_finding(fd, FINDING_FLAGS, 0, "", flags);
		send_finding(fd, FINDING_PERSISTENT, 0, "", server->plugin.persistent ? "1" : "0");
		send_parameters(fd, server, plugin);
	}
	if (server->plugin.warnings != NULL) {
		send_lines(fd, FINDING_WARNING, server->plugin.warnings);
	}
	send_finding(fd, FINDING_DONE, 0, "", "");
}

static void set_text(char **text, const char *new_text)
{
	g_free(*text);
	*text = g_strdup(new_text);
}

static void append_line(char **text, const char *line)
{
	char *longer = g_strconcat(*text != NULL ? *text : "", line, "\n", NULL);

	g_free(*text);
	*text = longer;
}

/* Returns whether it was the last one. */
static bool add_finding(struct config_section *server, char **fields, struct problems *problems)
{
	unsigned finding = (unsigned)strtoul(fields[0], NULL, 10);
	const struct source_location location = { fields[2], NULL,
						  (unsigned)strtoul(fields[1], NULL, 10) };
	struct plugin_facts *plugin = &server->plugin;
	const char *text = fields[3];

	switch (finding) {
	case FINDING_NAME:
		set_text(&plugin->name, text);
		break;
	case FINDING_VERSION:
		set_text(&plugin->version, text);
		break;
	case FINDING_FLAGS:
		plugin->flags = (unsigned)strtoul(text, NULL, 10);
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
	case FINDING_DONE:
		return true;
	default:
		if (finding < PROBLEM_KIND_MAX) {
			problems_add(problems, (enum problem_kind)finding, &location, "%s", text);
		}
	}
	return false;
}

bool probe_findings_read(struct config_section *server, const char *text, struct problems *problems)
{
	char **lines = g_strsplit(text, "\n", -1);
	size_t before = problems->count;
	bool done = false;

	for (size_t i = 0; lines[i] != NULL && !done; i++) {
		char **fields = g_strsplit(lines[i], "\t", FIELDS);

		if (g_strv_length(fields) == FIELDS) {
			done = add_finding(server, fields, problems);
		}
		g_strfreev(fields);
	}
	g_strfreev(lines);
	return done && (problems->count > before ||
			(server->plugin.name != NULL && server->plugin.version != NULL));
}
