/* SPDX-License-Identifier: MIT */
/*
 * The actions of shinyd, a row each.
 *
 * Nothing is bound before everything has been checked, and all errors are printed in one run.
 * Actions that need only a part of the configuration do not mind what is wrong elsewhere.
 */
#include "actions.h"

#include "config/config-apply.h"
#include "config/config-dump.h"
#include "config/config.h"
#include "listen/sockets.h"
#include "log/log.h"
#include "plugin/inspect.h"
#include "plugin/plugin-path.h"
#include "plugin/probe-all.h"
#include "process/dumpable.h"
#include "status/status-client.h"
#include "supervisor/signals.h"
#include "supervisor/supervisor.h"
#include "util/printable.h"
#include "worker/single.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct shiny_value *daemon_value(const struct startup *startup, enum daemon_key key)
{
	return &startup->config->daemon->values[key];
}

/* For g_strfreev(). */
static char **plugin_folders(const struct startup *startup)
{
	return plugin_path_create(startup->cli.args.plugin_path,
				  daemon_value(startup, DAEMON_PLUGIN_PATH)->text);
}

/* Prints all problems, and returns the exit code that they mean. */
static enum exit_code print_problems(struct startup *startup)
{
	problems_print(&startup->problems, stderr);
	return problems_exit_code(&startup->problems);
}

/* Probes all plugins, or the one of @only. */
static enum exit_code probe_plugins(struct startup *startup, const struct config_section *only)
{
	char **folders = plugin_folders(startup);

	probe_all(startup->config, only, folders, &startup->problems);
	g_strfreev(folders);
	return print_problems(startup);
}

static enum exit_code configure_process(struct startup *startup)
{
	struct log_target log;

	if (config_open_log(startup->config, &startup->problems, &log) < 0) {
		return print_problems(startup);
	}
	config_apply(startup->config, &log);
	return EXIT_CODE_OK;
}

static enum exit_code serve_single(struct startup *startup, struct config_section *section)
{
	const struct sockets *const none[] = { NULL };
	struct sockets sockets;
	const struct privileges *privileges = &startup->config->privileges;
	enum exit_code code;

	sockets_bind(section, privileges, &startup->inherited, none, &startup->problems, &sockets);
	code = print_problems(startup);
	if (code == EXIT_CODE_OK) {
		code = single_run(section, &sockets, privileges,
				  (unsigned)daemon_value(startup, DAEMON_DRAIN_TIMEOUT)->number);
	}
	sockets_finish(&sockets);
	return code;
}

static enum exit_code single(struct startup *startup)
{
	const char *name = startup->cli.subject;
	const struct source_location location = { startup->config->file, NULL, 0 };
	struct config_section *section = config_find_server(startup->config, name);
	enum exit_code code;

	if (section == NULL) {
		char *missing = config_explain_missing(startup->config, name);

		problems_add(&startup->problems, PROBLEM_CONFIG, &location, "%s", missing);
		g_free(missing);
		return print_problems(startup);
	}
	code = probe_plugins(startup, section);
	if (code == EXIT_CODE_OK) {
		code = configure_process(startup);
	}
	return code == EXIT_CODE_OK ? serve_single(startup, section) : code;
}

static enum exit_code serve(struct startup *startup)
{
	enum exit_code code;

	signals_defer();
	code = probe_plugins(startup, NULL);
	if (code == EXIT_CODE_OK) {
		code = configure_process(startup);
	}
	if (code != EXIT_CODE_OK) {
		return code;
	}
	code = supervisor_run(&startup->cli.args, startup->config, &startup->inherited,
			      &startup->orphans, &startup->problems);
	return startup->problems.count > 0 ? print_problems(startup) : code;
}

static enum exit_code check(struct startup *startup)
{
	enum exit_code code = probe_plugins(startup, NULL);

	if (code == EXIT_CODE_OK) {
		char *file = g_strdup(startup->cli.args.file);

		config_warn(startup->config);
		printf("%s: no errors\n", printable(file));
		g_free(file);
	}
	return code;
}

static enum exit_code dump_config(struct startup *startup)
{
	enum exit_code code = probe_plugins(startup, NULL);
	GString *text = g_string_new(NULL);

	if (code == EXIT_CODE_OK) {
		config_dump(startup->config, text);
		fputs(text->str, stdout);
	}
	g_string_free(text, TRUE);
	return code;
}

static enum exit_code list_plugins(struct startup *startup)
{
	char **folders = plugin_folders(startup);
	enum exit_code code = inspect_list(folders, &startup->config->privileges);

	g_strfreev(folders);
	return code;
}

static enum exit_code describe(struct startup *startup)
{
	char **folders = plugin_folders(startup);
	enum exit_code code =
		inspect_describe(startup->cli.subject, folders, &startup->config->privileges);

	g_strfreev(folders);
	return code;
}

static enum exit_code status(struct startup *startup)
{
	return status_client_print(daemon_value(startup, DAEMON_STATUS_SOCKET)->text);
}

static enum exit_code reload(struct startup *startup)
{
	return status_client_reload(daemon_value(startup, DAEMON_STATUS_SOCKET)->text);
}

static enum exit_code print_version(struct startup *startup)
{
	(void)startup;
	g_print("shinyd %s (plugin ABI %d)\n", SHINY_VERSION, SHINY_PLUGIN_ABI);
	return EXIT_CODE_OK;
}

/* Actions that need only [shinyd] run even if other sections are wrong. */
static const struct action {
	enum exit_code (*run)(struct startup *startup);
	bool needs_daemon_only;
	bool asks; /* and needs no more than where */
	bool prints;
	bool guards; /* against plugins in other processes, for it runs none itself */
} actions[CLI_ACTION_MAX] = {
	[CLI_SERVE] = { serve, .guards = true },
	[CLI_CHECK] = { check, .prints = true, .guards = true },
	[CLI_SINGLE] = { single },
	[CLI_DUMP_CONFIG] = { dump_config, .prints = true, .guards = true },
	[CLI_LIST_PLUGINS] = { list_plugins, .needs_daemon_only = true, .prints = true,
			       .guards = true },
	[CLI_DESCRIBE] = { describe, .needs_daemon_only = true, .prints = true, .guards = true },
	[CLI_STATUS] = { status, .asks = true, .prints = true },
	[CLI_RELOAD] = { reload, .asks = true, .prints = true },
	[CLI_VERSION] = { print_version, .prints = true },
};

/* In a [server] section of the file; or the missing file, if nobody has named one. */
static bool is_elsewhere(const struct startup *startup, const struct problem *problem)
{
	if (strcmp(problem->file, "-o") == 0) {
		return false;
	}
	if (problem->section != NULL) {
		return strcmp(problem->section, startup->config->daemon->title) != 0;
	}
	return problem->line == 0 && !(startup->config->unread && startup->cli.args.file_is_named);
}

static bool knows_daemon(const struct startup *startup)
{
	for (size_t i = 0; i < startup->problems.count; i++) {
		if (!is_elsewhere(startup, &startup->problems.all[i])) {
			return false;
		}
	}
	return true;
}

/*
 * Prints problems that may be why the status socket is the wrong one. Only a mistake in the command
 * line, which can be corrected at once, keeps us from asking there.
 */
static bool knows_where_to_ask(struct startup *startup)
{
	const struct config *config = startup->config;
	bool is_default_missing = config->unread && !startup->cli.args.file_is_named &&
				  access(config->file, F_OK) < 0 && errno == ENOENT;

	for (size_t i = 0; i < startup->problems.count; i++) {
		if (strcmp(startup->problems.all[i].file, "-o") == 0) {
			print_problems(startup);
			return false;
		}
	}
	if (!is_default_missing) {
		print_problems(startup);
	}
	return true;
}

enum exit_code action_run(struct startup *startup)
{
	const struct action *action = &actions[startup->cli.action];
	enum exit_code code;

	if (action->needs_daemon_only && !knows_daemon(startup)) {
		return print_problems(startup);
	}
	if (action->asks && !knows_where_to_ask(startup)) {
		return problems_exit_code(&startup->problems);
	}
	if (action->guards) {
		dumpable_forbid();
		orphans_init(&startup->orphans);
	}
	code = action->run(startup);
	orphans_finish(&startup->orphans);
	if (action->prints && (fflush(stdout) < 0 || ferror(stdout))) {
		print_message(stderr, "cannot write to standard output");
		return EXIT_CODE_RUNTIME;
	}
	return code;
}

bool action_asks(enum cli_action action)
{
	return actions[action].asks;
}
