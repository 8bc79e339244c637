/* SPDX-License-Identifier: MIT */
/*
 * What the process as a whole takes from its configuration.
 */
#include "process.h"

#include "descriptor-limit.h"
#include "log.h"
#include "trust.h"

#include <string.h>
#include <unistd.h>

static int open_log(const struct shiny_value *values)
{
	const char *target = values[DAEMON_LOG_TARGET].text;
	int r;

	log_set_level((enum shiny_log_level)values[DAEMON_LOG_LEVEL].number);
	r = log_open(target);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "log_target: cannot write to %s: %s", target,
			  strerror(-r));
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

/* As root they are refused before. */
static void warn_of_trust(const struct config *config)
{
	char error[TRUST_ERROR_MAX];

	for (size_t i = 0; i < config->n_servers; i++) {
		const struct config_section *server = config->servers[i];

		if (server->plugin.path != NULL && trust_check(server->plugin.path, error) < 0) {
			log_write(SHINY_LOG_WARNING, "[%s] %s: %s", server->title,
				  server->plugin.path, error);
		}
	}
}

int process_configure(struct config *config)
{
	int r = open_log(config->daemon->values);

	warn_of_privileges(config);
	warn_of_trust(config);
	descriptor_limit_clamp(config, descriptor_limit_raise());
	return r;
}
