/* SPDX-License-Identifier: MIT */
/*
 * Values that are right one by one, checked against each other and the system: one function a rule.
 */
#include "config/config-check.h"

#include "config/listen-address.h"

#include <errno.h>
#include <glib.h>
#include <string.h>

#define MEMORY_MIN	(INT64_C(1) << 20)
#define WATCHDOG_MIN_MS 2000 /* an idle loop turns once a second */

static void check_log_target(const struct config_section *daemon, struct problems *problems)
{
	const char *target = daemon->values[DAEMON_LOG_TARGET].text;
	struct source_location location = config_location(daemon, DAEMON_LOG_TARGET);

	if (*target != '/' && strcmp(target, "auto") != 0 && strcmp(target, "stderr") != 0) {
		problems_add(problems, PROBLEM_CONFIG, &location,
			     "log_target: expected auto, stderr or an absolute path, not '%s'",
			     target);
	}
}

static void resolve_user(struct config *config, struct problems *problems)
{
	const struct source_location location = config_location(config->daemon, DAEMON_USER);
	char error[SHINY_ERROR_MAX];

	if (privileges_resolve(config->daemon->values[DAEMON_USER].text, &config->privileges,
			       error) < 0) {
		problems_add(problems, PROBLEM_CONFIG, &location, "user: %s", error);
	}
}

static void check_water_marks(const struct config_section *server, struct problems *problems)
{
	const struct shiny_value *values = server->values;
	struct source_location location = config_location(server, SERVER_LOW_WATER);

	if (values[SERVER_LOW_WATER].number > values[SERVER_HIGH_WATER].number) {
		problems_add(problems, PROBLEM_CONFIG, &location, "low_water is above high_water");
	}
}

/* No process needs so little: most likely the unit was left out. */
static void check_memory(const struct config_section *server, struct problems *problems)
{
	const struct shiny_value *memory = &server->values[SERVER_MEMORY];
	const struct source_location location = config_location(server, SERVER_MEMORY);
	bool bare = g_ascii_isdigit(memory->text[strlen(memory->text) - 1]);

	if (memory->number > 0 && memory->number < MEMORY_MIN) {
		problems_add(problems, PROBLEM_CONFIG, &location,
			     "memory: must be 0 or at least 1M, not %s%s%s%s", memory->text,
			     bare ? "; did you mean '" : "", bare ? memory->text : "",
			     bare ? "M'?" : "");
	}
}

static void check_watchdog(const struct config_section *server, struct problems *problems)
{
	const struct shiny_value *watchdog = &server->values[SERVER_WATCHDOG];
	const struct source_location location = config_location(server, SERVER_WATCHDOG);

	if (watchdog->number > 0 && watchdog->number < WATCHDOG_MIN_MS) {
		problems_add(problems, PROBLEM_CONFIG, &location,
			     "watchdog: must be 0 or at least 2s, not %s", watchdog->text);
	}
}

/* The library parses such lists as it makes a server, and nowhere else. */
static bool is_list_of_proxies(const char *text)
{
	const struct shiny_handlers handlers = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_server *probe = NULL;
	bool is;

	options.proxy_from = text;
	is = shiny_server_create(&handlers, &options, NULL, &probe) != -EINVAL;
	shiny_server_destroy(probe);
	return is;
}

static void check_proxies(const struct config_section *server, struct problems *problems)
{
	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];
		const struct source_location location =
			setting_location(setting, &server->location);

		if (setting_is(setting, &server_keys[SERVER_PROXY_FROM]) &&
		    !is_list_of_proxies(setting->text)) {
			problems_add(problems, PROBLEM_CONFIG, &location,
				     "proxy_from: expected addresses such as 127.0.0.1, "
				     "10.0.0.0/8, ::1 or unix, not '%s'",
				     setting->text);
		}
	}
}

static void check_addresses(const struct config_section *server, struct problems *problems)
{
	char error[SHINY_ERROR_MAX];

	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];
		struct source_location location = setting_location(setting, &server->location);

		if (setting_is(setting, &server_keys[SERVER_LISTEN]) && *setting->text != '\0' &&
		    listen_address_check(setting->text, error) < 0) {
			problems_add(problems, PROBLEM_CONFIG, &location, "listen: %s", error);
		}
	}
}

/* A socket of the service manager is not bound by us. */
static bool is_bound(const struct setting *setting)
{
	return setting_is(setting, &server_keys[SERVER_LISTEN]) &&
	       listen_address_inherited(setting->text) == NULL;
}

static bool may_share(const struct config_section *left, const struct config_section *right,
		      const struct setting *setting)
{
	return left->values[SERVER_REUSE_PORT].number != 0 &&
	       right->values[SERVER_REUSE_PORT].number != 0 &&
	       g_str_has_prefix(setting->text, "tcp");
}

/* The first setting in @section that conflicts with @setting of @server; NULL: none before it. */
static const struct setting *find_conflict(const struct config_section *section,
					   const struct config_section *server,
					   const struct setting *setting)
{
	for (size_t i = 0; i < section->settings.count; i++) {
		const struct setting *other = &section->settings.all[i];

		if (other == setting) {
			break;
		}
		if (is_bound(other) && !may_share(section, server, setting) &&
		    listen_address_conflicts(other->text, setting->text)) {
			return other;
		}
	}
	return NULL;
}

static const struct setting *find_first_conflict(const struct config *config,
						 const struct config_section *server,
						 const struct setting *setting)
{
	const struct setting *found = NULL;

	for (size_t i = 0; found == NULL && i < config->n_servers; i++) {
		found = find_conflict(config->servers[i], server, setting);
		if (config->servers[i] == server) {
			break;
		}
	}
	return found;
}

/*
 * Otherwise the start would fail when it binds. A reload would fail, too, or let two sections share
 * the socket that one of them holds, and the next start would fail.
 */
static void check_address_is_free(const struct config *config, const struct config_section *server,
				  const struct setting *setting, struct problems *problems)
{
	const struct source_location location = setting_location(setting, &server->location);
	const struct setting *first = find_first_conflict(config, server, setting);
	char *at;

	if (first == NULL) {
		return;
	}
	at = first->line > 0 ? g_strdup_printf("%s:%u", first->source->name, first->line)
			     : g_strdup(first->source->name);
	if (listen_address_same(first->text, setting->text)) {
		problems_add(problems, PROBLEM_CONFIG, &location,
			     "listen: %s stands twice; first in %s", setting->text, at);
	} else {
		problems_add(problems, PROBLEM_CONFIG, &location,
			     "listen: %s conflicts with %s in %s", setting->text, first->text, at);
	}
	g_free(at);
}

static void check_shared_addresses(const struct config *config, const struct config_section *server,
				   struct problems *problems)
{
	for (size_t i = 0; i < server->settings.count; i++) {
		if (is_bound(&server->settings.all[i])) {
			check_address_is_free(config, server, &server->settings.all[i], problems);
		}
	}
}

void config_check(struct config *config, struct problems *problems)
{
	check_log_target(config->daemon, problems);
	resolve_user(config, problems);
	for (size_t i = 0; i < config->n_servers; i++) {
		check_water_marks(config->servers[i], problems);
		check_memory(config->servers[i], problems);
		check_watchdog(config->servers[i], problems);
		check_addresses(config->servers[i], problems);
		check_shared_addresses(config, config->servers[i], problems);
		check_proxies(config->servers[i], problems);
	}
}
