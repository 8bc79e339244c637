/* SPDX-License-Identifier: MIT */
/*
 * The configuration in effect, as text: a line a setting, with its origin as a comment.
 */
#include "config/config-dump.h"

#include "util/printable.h"

#define ORIGIN_COLUMN 40

/* "key = value     ; origin", or what is in effect in place of the value, and why. */
static void append_line(const struct key *key, const char *value, const char *origin,
			const struct adjustment *adjustment, GString *text)
{
	bool adjusted = adjustment != NULL && adjustment->value != NULL;
	const char *shown = key->param.type == SHINY_TYPE_SECRET ? "***" : value;
	char *pair =
		g_strdup_printf("%s = %s", key->param.key, adjusted ? adjustment->value : shown);
	GString *line = g_string_new(NULL);

	g_string_printf(line, "%-*s ; %s", ORIGIN_COLUMN, pair, origin);
	if (adjusted) {
		g_string_append_printf(line, " (%s; %s)", value, adjustment->reason);
	}
	g_string_append_printf(text, "%s\n", printable(line->str));
	g_string_free(line, TRUE);
	g_free(pair);
}

static void append_setting(const struct key *key, const struct setting *setting,
			   const struct adjustment *adjustment, GString *text)
{
	GString *origin = g_string_new(setting->source->name);

	if (setting->line > 0) {
		g_string_append_printf(origin, ":%u", setting->line);
	}
	if (setting->holder != setting->source) {
		g_string_append_printf(origin, " (@%s)", setting->holder->name);
	}
	append_line(key, setting->text, origin->str, adjustment, text);
	g_string_free(origin, TRUE);
}

void config_dump_key(const struct key *key, const struct settings *settings,
		     const struct adjustment *adjustment, GString *text)
{
	bool set = false;

	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->all[i];

		if (setting_is(setting, key)) {
			append_setting(key, setting, adjustment, text);
			set = true;
		}
	}
	if (!set && key->param.default_value != NULL) {
		append_line(key, key->param.default_value, "default", adjustment, text);
	} else if (!set) {
		g_string_append_printf(text, "; %s is not set\n", key->param.key);
	}
}

void config_dump_section(const struct config_section *section, GString *text)
{
	g_string_append_printf(text, "[%s]\n", section->title);
	for (size_t i = 0; i < section->n_keys; i++) {
		config_dump_key(&section->keys[i], &section->settings, &section->adjustments[i],
				text);
	}
	if (section->plugin.parameters != NULL) {
		g_string_append(text, section->plugin.parameters);
	}
}

void config_dump(const struct config *config, GString *text)
{
	config_dump_section(config->daemon, text);
	for (size_t i = 0; i < config->n_servers; i++) {
		g_string_append_c(text, '\n');
		config_dump_section(config->servers[i], text);
	}
}
