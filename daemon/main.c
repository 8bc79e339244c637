/* SPDX-License-Identifier: MIT */
/*
 * shinyd: reads its configuration, has every plugin checked, binds, and serves.
 *
 * Nothing is bound before all has been checked, and nothing that is wrong is told one thing at a
 * time.
 */
#include "cli.h"
#include "config.h"
#include "descriptor-limit.h"
#include "exit-code.h"
#include "log.h"
#include "plugin-path.h"
#include "privileges.h"
#include "probe.h"
#include "single.h"
#include "sockets.h"
#include "supervisor.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

/* What main() prepares for whoever serves. */
struct startup {
	struct cli cli;
	struct config *config;
	struct privileges privileges;
	struct problems problems;
	struct config_section *single; /* with --single: the one to serve */
};

static const struct shiny_value *daemon_value(const struct startup *startup, enum daemon_key key)
{
	return &startup->config->daemon->values[key];
}

static void resolve_user(struct startup *startup)
{
	const char *user = daemon_value(startup, DAEMON_USER)->text;
	const struct place place = config_place(startup->config->daemon, DAEMON_USER);
	char error[SHINY_ERROR_MAX];

	if (privileges_resolve(user, &startup->privileges, error) < 0) {
		problems_add(&startup->problems, PROBLEM_CONFIG, &place, "user: %s", error);
	}
}

static void find_single(struct startup *startup)
{
	const char *name = startup->cli.single;
	const struct place place = { startup->config->file, NULL, 0 };

	if (name == NULL) {
		return;
	}
	startup->single = config_find_server(startup->config, name);
	if (startup->single == NULL) {
		problems_add(&startup->problems, PROBLEM_CONFIG, &place,
			     "there is no [server %s] to serve", name);
	}
}

static bool is_wanted(const struct startup *startup, const struct config_section *server)
{
	return startup->cli.single == NULL || server == startup->single;
}

static void probe_plugins(struct startup *startup)
{
	const struct config *config = startup->config;
	const char *configured = daemon_value(startup, DAEMON_PLUGIN_PATH)->text;
	char **folders = plugin_path_create(startup->cli.plugin_path, configured);

	for (size_t i = 0; i < config->n_servers; i++) {
		if (is_wanted(startup, config->servers[i])) {
			probe_plugin(config->servers[i], folders, &startup->privileges,
				     &startup->problems);
		}
	}
	g_strfreev(folders);
}

/* Prints the problems there are. */
static enum exit_code tell_problems(struct startup *startup)
{
	problems_print(&startup->problems, stderr);
	return problems_exit_code(&startup->problems);
}

static enum exit_code check(struct startup *startup)
{
	startup->config = config_load(startup->cli.config, &startup->problems);
	resolve_user(startup);
	find_single(startup);
	probe_plugins(startup);
	return tell_problems(startup);
}

static int open_log(const struct startup *startup)
{
	const char *target = daemon_value(startup, DAEMON_LOG_TARGET)->text;
	int r;

	log_set_level((enum shiny_log_level)daemon_value(startup, DAEMON_LOG_LEVEL)->number);
	r = log_open(target);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "log_target: cannot write to %s: %s", target,
			  g_strerror(-r));
	}
	return r;
}

static void warn_of_privileges(const struct startup *startup)
{
	const char *user = daemon_value(startup, DAEMON_USER)->text;

	if (geteuid() == 0 && !startup->privileges.drop) {
		log_write(SHINY_LOG_WARNING, "plugins run as root: set user in [shinyd]");
	}
	if (user != NULL && geteuid() != 0 && geteuid() != startup->privileges.uid) {
		log_write(SHINY_LOG_WARNING, "user = %s has no effect: only root can change it",
			  user);
	}
}

static enum exit_code serve_single(struct startup *startup)
{
	struct sockets sockets;
	struct worker_job job = {
		.section = startup->single,
		.sockets = &sockets,
		.privileges = &startup->privileges,
		.drain_timeout_ms = (unsigned)daemon_value(startup, DAEMON_DRAIN_TIMEOUT)->number,
	};
	enum exit_code code;

	sockets_bind(startup->single, &startup->problems, &sockets);
	code = tell_problems(startup);
	if (code == EXIT_CODE_OK) {
		code = single_run(&job);
	}
	sockets_finish(&sockets);
	return code;
}

static enum exit_code serve_all(struct startup *startup)
{
	const struct config *config = startup->config;
	struct sockets *sockets = g_new0(struct sockets, config->n_servers);
	enum exit_code code;

	for (size_t i = 0; i < config->n_servers; i++) {
		sockets_bind(config->servers[i], &startup->problems, &sockets[i]);
	}
	code = tell_problems(startup);
	if (code == EXIT_CODE_OK) {
		code = supervisor_run(config, sockets, &startup->privileges);
	}
	for (size_t i = 0; i < config->n_servers; i++) {
		sockets_finish(&sockets[i]);
	}
	g_free(sockets);
	return code;
}

static enum exit_code serve(struct startup *startup)
{
	if (open_log(startup) < 0) {
		return EXIT_CODE_RUNTIME;
	}
	warn_of_privileges(startup);
	descriptor_limit_clamp(startup->config, descriptor_limit_raise());
	return startup->cli.single != NULL ? serve_single(startup) : serve_all(startup);
}

static enum exit_code run(struct startup *startup)
{
	enum exit_code code;

	if (startup->cli.version) {
		g_print("shinyd %s (plugin ABI %d)\n", SHINY_VERSION, SHINY_PLUGIN_ABI);
		return EXIT_CODE_OK;
	}
	code = check(startup);
	if (code != EXIT_CODE_OK) {
		return code;
	}
	if (startup->cli.check) {
		g_print("%s: no errors\n", startup->cli.config);
		return EXIT_CODE_OK;
	}
	return serve(startup);
}

/* Else the first sockets would become what others take for standard input, output and error. */
static void open_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0) {
		close(fd);
	}
}

int main(int argc, char **argv)
{
	struct startup startup = { 0 };
	enum exit_code code;

	open_standard_descriptors();

	if (cli_parse(argc, argv, &startup.cli) < 0) {
		return EXIT_CODE_USAGE;
	}
	code = run(&startup);
	log_close();
	config_destroy(startup.config);
	privileges_finish(&startup.privileges);
	problems_finish(&startup.problems);
	cli_finish(&startup.cli);
	return code;
}
