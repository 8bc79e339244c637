/* SPDX-License-Identifier: MIT */
/*
 * What a plugin says to its section of the file: checked in the child, taken over by the parent.
 *
 * The child gives up root's rights before it loads anything, reads the section by the plugin's own
 * table of parameters, and sends what it has found. See probe-findings.h.
 */
#include "plugin/probe.h"

#include "config/secrets.h"
#include "launch/confine.h"
#include "launch/launch.h"
#include "plugin/plugin-path.h"
#include "plugin/plugin.h"
#include "plugin/probe-findings.h"
#include "plugin/rpath.h"
#include "trust/trust.h"

#include <string.h>

static bool is_parameter(const struct plugin *plugin, const char *key)
{
	for (size_t i = 0; i < plugin->n_keys; i++) {
		if (strcmp(plugin->keys[i].param.key, key) == 0) {
			return true;
		}
	}
	return false;
}

/* The line of the parameter that the plugin's @error begins with; or else the section's. */
static struct source_location locate_error(const struct config_section *server,
					   const struct plugin *plugin, const char *error)
{
	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];
		size_t len = strlen(setting->key);

		if (is_parameter(plugin, setting->key) && strncmp(error, setting->key, len) == 0 &&
		    strspn(error + len, PLUGIN_KEY_CHARACTERS) == 0) {
			return setting_location(setting, &server->location);
		}
	}
	return server->location;
}

/* Asks the plugin whether its values fit together. */
static void run_check(const struct config_section *server, const struct plugin *plugin,
		      const struct shiny_value *values, struct problems *problems)
{
	char error[SHINY_ERROR_MAX] = "";

	if (plugin->info.check != NULL &&
	    plugin_result("its check", plugin->info.check(values, error), error) < 0) {
		const struct source_location location = locate_error(server, plugin, error);

		problems_add(problems, PROBLEM_CONFIG, &location, "%s", error);
	}
}

/* Returns whether each required one has a value; others that are wrong have their defaults. */
static bool read_parameters(struct config_section *server, const struct plugin *plugin,
			    struct problems *problems, struct shiny_value *ret_values)
{
	bool complete = true;

	for (size_t i = 0; i < plugin->n_keys; i++) {
		size_t before = problems->count;

		settings_read_key(&server->settings, &plugin->keys[i], &server->location, problems,
				  &ret_values[i]);
		complete =
			complete && (!plugin->keys[i].param.required || problems->count == before);
	}
	return complete;
}

/* Takes @lines. */
static void add_warnings(struct config_section *server, char *lines)
{
	char *before = server->plugin.warnings;

	if (lines != NULL) {
		server->plugin.warnings = g_strconcat(before != NULL ? before : "", lines, NULL);
		g_free(before);
		g_free(lines);
	}
}

/* Root refuses a plugin whose libraries others could choose; anybody else is warned. */
static int check_rpath(struct config_section *server, bool started_by_root, char *error)
{
	int r = rpath_check(server->plugin.path, error);

	if (r == 0 || started_by_root) {
		return r;
	}
	add_warnings(server, g_strdup_printf("%s: %s\n", server->plugin.path, error));
	return 0;
}

static void check_parameters(struct config_section *server, const struct plugin *plugin,
			     struct problems *problems)
{
	const struct source_location workers = config_location(server, SERVER_WORKERS);
	struct shiny_value *values = g_new(struct shiny_value, plugin->n_keys + 1);
	bool complete = read_parameters(server, plugin, problems, values);

	settings_report_unknown(&server->settings, server->keys, server->n_keys, plugin->keys,
				plugin->n_keys, &server->location, problems);
	secrets_check(server, plugin->keys, plugin->n_keys, problems);
	add_warnings(server, secrets_warn(server, plugin->keys, plugin->n_keys));
	if ((plugin->info.flags & SHINY_PLUGIN_EXCLUSIVE) != 0 &&
	    server->values[SERVER_WORKERS].number > 1) {
		problems_add(problems, PROBLEM_CONFIG, &workers, "workers: %s allows only one",
			     plugin->info.name);
	}
	if (complete) {
		run_check(server, plugin, values, problems);
	}
	server->plugin.persistent = problems->count == 0 && plugin->info.persistent != NULL &&
				    plugin->info.persistent(values);
	g_free(values);
}

int probe_run(const struct description *description)
{
	struct config_section *server = description->section;
	const struct source_location location = config_location(server, SERVER_PLUGIN);
	struct problems problems = PROBLEMS_INIT;
	struct plugin plugin = { 0 };
	char error[TRUST_ERROR_MAX];

	if (confine(description, error) < 0) {
		problems_add(&problems, PROBLEM_BIND, &server->location, "%s", error);
	} else if (check_rpath(server, description->started_by_root, error) < 0 ||
		   plugin_load(server->plugin.path, &plugin, error) < 0) {
		problems_add(&problems, PROBLEM_PLUGIN, &location, "%s: %s", server->plugin.path,
			     error);
	} else {
		check_parameters(server, &plugin, &problems);
	}
	probe_findings_send(LAUNCH_CHANNEL, server, &problems, &plugin);
	return EXIT_CODE_OK;
}

static int start(struct probe *probe, const struct privileges *privileges)
{
	struct config_section *server = probe->server;
	const struct description description = {
		.kind = DESCRIPTION_PROBE,
		.privileges = *privileges,
		.name = "",
		.path = server->plugin.path,
		.identity = server->plugin.identity,
		.section = server,
	};
	char *title = g_strdup_printf("probe of %s", server->title);
	int r = subprocess_start(&description, title, &probe->subprocess);

	g_free(title);
	return r;
}

bool probe_start(struct probe *probe, struct config_section *server, char *const *folders,
		 const struct privileges *privileges, struct problems *problems)
{
	const struct source_location location = config_location(server, SERVER_PLUGIN);
	const char *name = server->values[SERVER_PLUGIN].text;
	char error[TRUST_ERROR_MAX];
	int r;

	if (name == NULL) {
		return false; /* that it is missing has been said */
	}
	server->plugin.path = plugin_path_find(folders, name, error);
	if (server->plugin.path == NULL) {
		problems_add(problems, PROBLEM_PLUGIN, &location, "%s", error);
		return false;
	}
	if (trust_check_as_root(server->plugin.path, error) < 0) {
		problems_add(problems, PROBLEM_PLUGIN, &location, "%s: %s", server->plugin.path,
			     error);
		return false;
	}
	server->plugin.identity = file_identity_get(server->plugin.path);
	*probe = (struct probe){ .server = server };
	r = start(probe, privileges);
	if (r < 0) {
		problems_add(problems, PROBLEM_PLUGIN, &location,
			     "cannot start a process to load the plugin in: %s", strerror(-r));
	}
	return r == 0;
}

bool probe_read(struct probe *probe, int64_t now_ms)
{
	return subprocess_read(&probe->subprocess, now_ms);
}

void probe_finish(struct probe *probe, struct problems *problems)
{
	struct config_section *server = probe->server;
	const struct source_location location = config_location(server, SERVER_PLUGIN);
	int r = probe_findings_read(server, probe->subprocess.text, problems);
	char *who = g_strdup_printf("[%s] %s", server->title, server->plugin.path);
	char error[SHINY_ERROR_MAX];
	int status;

	subprocess_log_output(&probe->subprocess, who);
	status = subprocess_finish(&probe->subprocess);
	g_free(who);

	if (r == -EPROTO && status == 0) {
		problems_add(problems, PROBLEM_PLUGIN, &location,
			     "%s: wrote into the report of the process that checked it",
			     server->plugin.path);
	} else if (r < 0) {
		subprocess_explain(&probe->subprocess, status, error);
		problems_add(problems, PROBLEM_PLUGIN, &location, "%s: %s", server->plugin.path,
			     error);
	}
}
