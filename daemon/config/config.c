/* SPDX-License-Identifier: MIT */
/*
 * shinyd.ini as structures: making, finding and freeing them.
 */
#include "config/config.h"

#include "config/listen-address.h"
#include "util/suggest.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

struct source *config_add_source(struct config *config, const char *name)
{
	struct source *source = source_create(name);

	config->sources = g_renew(struct source *, config->sources, config->n_sources + 1);
	config->sources[config->n_sources++] = source;
	return source;
}

bool config_title_is_server(const char *title)
{
	return g_str_has_prefix(title, CONFIG_SERVER_PREFIX);
}

struct config_section *config_section_create(const char *file, const char *title, unsigned line)
{
	struct config_section *section = g_new0(struct config_section, 1);
	bool server = config_title_is_server(title);

	section->title = g_strdup(title);
	section->name = g_strdup(server ? title + strlen(CONFIG_SERVER_PREFIX) : "");
	section->location = (struct source_location){ file, section->title, line };
	section->keys = server ? server_keys : daemon_keys;
	section->n_keys = server ? SERVER_KEY_MAX : DAEMON_KEY_MAX;
	return section;
}

static void adjustment_finish(struct adjustment *adjustment)
{
	g_free(adjustment->value);
	g_free(adjustment->reason);
	*adjustment = (struct adjustment){ 0 };
}

void config_section_destroy(struct config_section *section)
{
	for (size_t i = 0; i < section->n_keys; i++) {
		adjustment_finish(&section->adjustments[i]);
	}
	settings_finish(&section->settings);
	g_free(section->proxies);
	g_free(section->plugin.path);
	g_free(section->plugin.name);
	g_free(section->plugin.version);
	g_free(section->plugin.warnings);
	g_free(section->plugin.parameters);
	g_free(section->title);
	g_free(section->name);
	g_free(section);
}

struct config_section *config_find(const struct config *config, const char *title)
{
	if (strcmp(config->daemon->title, title) == 0) {
		return config->daemon;
	}
	for (size_t i = 0; i < config->n_servers; i++) {
		if (strcmp(config->servers[i]->title, title) == 0) {
			return config->servers[i];
		}
	}
	return NULL;
}

struct config_section *config_find_server(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_servers; i++) {
		if (strcmp(config->servers[i]->name, name) == 0 ||
		    strcmp(config->servers[i]->title, name) == 0) {
			return config->servers[i];
		}
	}
	return NULL;
}

struct config_section *config_find_named(const struct config *config, const char *name)
{
	return strcmp(name, config->daemon->title) == 0 ? config->daemon
							: config_find_server(config, name);
}

char *config_explain_missing(const struct config *config, const char *name)
{
	GString *text = g_string_new(NULL);
	struct suggestion near;

	if (g_str_has_prefix(name, CONFIG_SERVER_PREFIX)) {
		name += strlen(CONFIG_SERVER_PREFIX);
	}
	suggestion_init(&near, name);
	for (size_t i = 0; i < config->n_servers; i++) {
		suggestion_offer(&near, config->servers[i]->name);
	}
	g_string_printf(text, "there is no [server %s]", name);
	if (near.best != NULL) {
		g_string_append_printf(text, "; did you mean '%s'?", near.best);
		return g_string_free(text, FALSE);
	}
	for (size_t i = 0; i < config->n_servers; i++) {
		g_string_append_printf(text, "%s[%s]", i == 0 ? "; there is " : ", ",
				       config->servers[i]->title);
	}
	return g_string_free(text, FALSE);
}

const struct setting *config_setting(const struct config_section *section, unsigned key)
{
	for (size_t i = 0; i < section->settings.count; i++) {
		if (setting_is(&section->settings.all[i], &section->keys[key])) {
			return &section->settings.all[i];
		}
	}
	return NULL;
}

const struct setting *config_find_listen(const struct config_section *section, const char *address)
{
	for (size_t i = 0; i < section->settings.count; i++) {
		const struct setting *setting = &section->settings.all[i];

		if (setting_is(setting, &server_keys[SERVER_LISTEN]) &&
		    listen_address_same(setting->text, address)) {
			return setting;
		}
	}
	return NULL;
}

struct source_location config_location(const struct config_section *section, unsigned key)
{
	const struct setting *setting = config_setting(section, key);

	return setting != NULL ? setting_location(setting, &section->location) : section->location;
}

void config_take_live(struct config_section *section, const struct config_section *from)
{
	struct problems none = PROBLEMS_INIT; /* what both have read before is right */

	for (size_t i = 0; i < section->n_keys; i++) {
		const struct key *key = &section->keys[i];

		if ((key->flags & KEY_LIVE) != 0) {
			settings_take(&section->settings, &from->settings, key->param.key);
			settings_read_key(&section->settings, key, &section->location, &none,
					  &section->values[i]);
		}
	}
}

void config_join_proxies(struct config_section *server)
{
	GString *list = g_string_new(NULL);

	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];

		if (setting_is(setting, &server_keys[SERVER_PROXY_FROM])) {
			g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "",
					       setting->text);
		}
	}
	if (list->len > 0) {
		server->proxies = g_string_free(list, FALSE);
		server->values[SERVER_PROXY_FROM].text = server->proxies;
	} else {
		g_string_free(list, TRUE);
	}
}

void config_adjust(struct config_section *section, unsigned key, int64_t number, const char *reason,
		   ...)
{
	struct adjustment *adjustment = &section->adjustments[key];
	va_list args;

	adjustment_finish(adjustment);
	adjustment->set = section->values[key].number;
	section->values[key].number = number;
	adjustment->value = g_strdup_printf("%" PRId64, number);
	va_start(args, reason);
	adjustment->reason = g_strdup_vprintf(reason, args);
	va_end(args);
}

struct config *config_ref(struct config *config)
{
	config->references++;
	return config;
}

void config_unref(struct config *config)
{
	if (config == NULL || --config->references > 0) {
		return;
	}
	for (size_t i = 0; i < config->n_servers; i++) {
		config_section_destroy(config->servers[i]);
	}
	for (size_t i = 0; i < config->n_sources; i++) {
		source_unref(config->sources[i]);
	}
	config_section_destroy(config->daemon);
	privileges_finish(&config->privileges);
	g_free(config->servers);
	g_free(config->sources);
	g_free(config->file);
	g_free(config);
}
