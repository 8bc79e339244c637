/* SPDX-License-Identifier: MIT */
/*
 * The configuration as it is in effect.
 */
#include "effective.h"

#define ORIGIN_COLUMN 40

static void append_origin(const struct setting *setting, GString *text)
{
	if (setting->line > 0) {
		g_string_append_printf(text, " ; %s:%u\n", setting->source->name, setting->line);
	} else {
		g_string_append_printf(text, " ; %s\n", setting->source->name);
	}
}

static void append_pair(const struct key *key, const char *value, GString *text)
{
	char *pair = g_strdup_printf("%s = %s", key->param.key,
				     key->param.type == SHINY_TYPE_SECRET ? "***" : value);

	g_string_append_printf(text, "%-*s", ORIGIN_COLUMN, pair);
	g_free(pair);
}

void effective_key(const struct key *key, const struct settings *settings, GString *text)
{
	bool set = false;

	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->all[i];

		if (setting_is(setting, key)) {
			append_pair(key, setting->text, text);
			append_origin(setting, text);
			set = true;
		}
	}
	if (!set && key->param.preset != NULL) {
		append_pair(key, key->param.preset, text);
		g_string_append(text, " ; default\n");
	} else if (!set) {
		g_string_append_printf(text, "; %s is not set\n", key->param.key);
	}
}

void effective_section(const struct config_section *section, GString *text)
{
	g_string_append_printf(text, "[%s]\n", section->title);
	for (size_t i = 0; i < section->n_keys; i++) {
		effective_key(&section->keys[i], &section->settings, text);
	}
	if (section->plugin.parameters != NULL) {
		g_string_append(text, section->plugin.parameters);
	}
}

void effective_config(const struct config *config, GString *text)
{
	effective_section(config->daemon, text);
	for (size_t i = 0; i < config->n_servers; i++) {
		g_string_append_c(text, '\n');
		effective_section(config->servers[i], text);
	}
}
