/* SPDX-License-Identifier: MIT */
/*
 * Findings, written by the child.
 */
#include "plugin/probe-findings.h"

#include "config/config-dump.h"
#include "util/printable.h"

#include <glib.h>
#include <stdio.h>

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
