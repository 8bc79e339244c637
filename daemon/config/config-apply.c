/* SPDX-License-Identifier: MIT */
/*
 * The log opened and used; then one function for each kind of warning.
 */
#include "config/config-apply.h"

#include "log/log.h"
#include "trust/trust.h"

#include <glib.h>
#include <inttypes.h>
#include <unistd.h>

int config_open_log(const struct config *config, struct problems *problems, struct log_target *ret)
{
	const char *target = config->daemon->values[DAEMON_LOG_TARGET].text;
	const struct source_location location = config_location(config->daemon, DAEMON_LOG_TARGET);
	char error[TRUST_ERROR_MAX];
	int r;

	r = log_target_open(target, ret, error);
	if (r < 0) {
		problems_add(problems, PROBLEM_BIND, &location,
			     "log_target: cannot write to %s: %s", target, error);
	}
	return r;
}

static void warn_of_privileges(const struct config *config)
{
	const char *user = config->daemon->values[DAEMON_USER].text;

	if (geteuid() == 0 && !config->privileges.drop) {
		log_write(SHINY_LOG_WARNING, "plugins run as root: set user in [shinyd]");
	}
	if (user != NULL && geteuid() != 0 && geteuid() != config->privileges.uid) {
		log_write(SHINY_LOG_WARNING, "user = %s has no effect: only root can change it",
			  user);
	}
}

static void warn_of_file(const char *path, const char *title)
{
	char error[TRUST_ERROR_MAX];

	if (trust_check(path, error) < 0) {
		log_write(SHINY_LOG_WARNING, "%s%s%s%s: %s", title != NULL ? "[" : "",
			  title != NULL ? title : "", title != NULL ? "] " : "", path, error);
	}
}

static void warn_of_sources(const struct config *config)
{
	for (size_t i = 0; i < config->n_sources; i++) {
		if (!config->sources[i]->is_command_line) {
			warn_of_file(config->sources[i]->name, NULL);
		}
	}
}

/* Only its folder is checked: others may be meant to read and rotate the file. */
static void warn_of_log(const struct config *config)
{
	const char *target = config->daemon->values[DAEMON_LOG_TARGET].text;
	char *folder = g_path_get_dirname(target);

	if (*target == '/') {
		warn_of_file(folder, config->daemon->title);
	}
	g_free(folder);
}

/* Values from files of their own. */
static void warn_of_values(const struct config_section *section)
{
	for (size_t i = 0; i < section->settings.count; i++) {
		const struct setting *setting = &section->settings.all[i];

		if (setting->holder != setting->source) {
			warn_of_file(setting->holder->name, section->title);
		}
	}
}

static void warn_of_trust(const struct config *config)
{
	warn_of_sources(config);
	warn_of_log(config);
	warn_of_values(config->daemon);
	for (size_t i = 0; i < config->n_servers; i++) {
		const struct config_section *server = config->servers[i];

		warn_of_values(server);
		if (server->plugin.path != NULL) {
			warn_of_file(server->plugin.path, server->title);
		}
	}
}

static void warn_of_findings(const struct config_section *server)
{
	const char *warnings = server->plugin.warnings;
	char **lines = g_strsplit(warnings != NULL ? warnings : "", "\n", -1);

	for (size_t i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
		log_write(SHINY_LOG_WARNING, "[%s] %s", server->title, lines[i]);
	}
	g_strfreev(lines);
}

void config_warn(const struct config *config)
{
	if (geteuid() != 0) {
		warn_of_trust(config); /* root has refused it */
	}
	for (size_t i = 0; i < config->n_servers; i++) {
		warn_of_findings(config->servers[i]);
	}
}

/* A max_connections of 0 asks for as many as there can be: then there is nothing to warn of. */
static void warn_of_adjustments(const struct config *config)
{
	for (size_t i = 0; i < config->n_servers; i++) {
		const struct config_section *server = config->servers[i];
		const struct adjustment *adjustment = &server->adjustments[SERVER_MAX_CONNECTIONS];

		if (adjustment->value != NULL && adjustment->set != 0) {
			log_write(SHINY_LOG_WARNING,
				  "[%s] max_connections is lowered from %" PRId64 " to %s: %s",
				  server->title, adjustment->set, adjustment->value,
				  adjustment->reason);
		}
	}
}

void config_apply(const struct config *config, struct log_target *log)
{
	log_set_level((enum shiny_log_level)config->daemon->values[DAEMON_LOG_LEVEL].number);
	log_set_target(log);
	warn_of_privileges(config);
	config_warn(config);
	warn_of_adjustments(config);
}
