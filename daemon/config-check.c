/* SPDX-License-Identifier: MIT */
/*
 * What shinyd itself can tell is wrong with values that are right one by one.
 */
#include "config-check.h"

#include "listen-address.h"

#include <glib.h>
#include <string.h>

static void check_log_target(const struct config_section *daemon, struct problems *problems)
{
	const char *target = daemon->values[DAEMON_LOG_TARGET].text;
	struct place place = config_place(daemon, DAEMON_LOG_TARGET);

	if (*target != '/' && strcmp(target, "auto") != 0 && strcmp(target, "stderr") != 0) {
		problems_add(problems, PROBLEM_CONFIG, &place,
			     "log_target: expected auto, stderr or an absolute path, not '%s'",
			     target);
	}
}

static void resolve_user(struct config *config, struct problems *problems)
{
	const struct place place = config_place(config->daemon, DAEMON_USER);
	char error[SHINY_ERROR_MAX];

	if (privileges_resolve(config->daemon->values[DAEMON_USER].text, &config->privileges,
			       error) < 0) {
		problems_add(problems, PROBLEM_CONFIG, &place, "user: %s", error);
	}
}

static void check_water_marks(const struct config_section *server, struct problems *problems)
{
	const struct shiny_value *values = server->values;
	struct place place = config_place(server, SERVER_LOW_WATER);

	if (values[SERVER_LOW_WATER].number > values[SERVER_HIGH_WATER].number) {
		problems_add(problems, PROBLEM_CONFIG, &place, "low_water is above high_water");
	}
}

static void check_addresses(const struct config_section *server, struct problems *problems)
{
	char error[SHINY_ERROR_MAX];

	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];
		struct place place = setting_place(setting, &server->place);

		if (setting_is(setting, &server_keys[SERVER_LISTEN]) && *setting->text != '\0' &&
		    listen_address_check(setting->text, error) < 0) {
			problems_add(problems, PROBLEM_CONFIG, &place, "listen: %s", error);
		}
	}
}

void config_check(struct config *config, struct problems *problems)
{
	check_log_target(config->daemon, problems);
	resolve_user(config, problems);
	for (size_t i = 0; i < config->n_servers; i++) {
		check_water_marks(config->servers[i], problems);
		check_addresses(config->servers[i], problems);
	}
}
