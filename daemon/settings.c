/* SPDX-License-Identifier: MIT */
/*
 * The pairs of one section, and how a table of keys turns them into values.
 */
#include "settings.h"

#include "suggest.h"
#include "value.h"

#include <glib.h>

void settings_finish(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		g_free(settings->all[i].key);
		g_free(settings->all[i].text);
	}
	g_free(settings->all);
	*settings = (struct settings){ 0 };
}

void settings_add(struct settings *settings, const char *key, const char *text, unsigned line)
{
	settings->all = g_renew(struct setting, settings->all, settings->count + 1);
	settings->all[settings->count++] = (struct setting){
		.key = g_strdup(key),
		.text = g_strdup(text),
		.line = line,
	};
}

static struct place place_of(const struct place *section, const struct setting *setting)
{
	return (struct place){ section->file, section->section, setting->line };
}

static void read_value(const struct setting *setting, const struct shiny_param *param,
		       const struct place *section, struct problems *problems,
		       struct shiny_value *ret_value)
{
	struct place place = place_of(section, setting);
	char error[SHINY_ERROR_MAX];

	if (value_parse(param, setting->text, ret_value, error) < 0) {
		problems_add(problems, PROBLEM_CONFIG, &place, "%s: %s", param->key, error);
	}
}

static void read_key(struct settings *settings, const struct key *key, const struct place *section,
		     struct problems *problems, struct shiny_value *ret_value)
{
	const struct setting *first = NULL;

	for (size_t i = 0; i < settings->count; i++) {
		struct setting *setting = &settings->all[i];
		struct place place = place_of(section, setting);

		if (!setting_is(setting, key)) {
			continue;
		}
		setting->known = true;
		if (first != NULL && (key->flags & KEY_REPEATS) == 0) {
			problems_add(problems, PROBLEM_CONFIG, &place,
				     "%s stands twice; first in line %u", setting->key,
				     first->line);
			continue;
		}
		first = setting;
		read_value(setting, &key->param, section, problems, ret_value);
	}
	if (first == NULL && key->param.required) {
		problems_add(problems, PROBLEM_CONFIG, section, "%s is missing", key->param.key);
	}
}

void settings_read(struct settings *settings, const struct key *keys, size_t n_keys,
		   const struct place *place, struct problems *problems,
		   struct shiny_value *ret_values)
{
	char error[SHINY_ERROR_MAX];

	for (size_t i = 0; i < n_keys; i++) {
		int r = value_preset(&keys[i].param, &ret_values[i], error);

		g_assert(r == 0); /* the tables are tested, a plugin's is checked as it is loaded */
		read_key(settings, &keys[i], place, problems, &ret_values[i]);
	}
}

static void offer_keys(struct suggestion *suggestion, const struct key *keys, size_t n_keys)
{
	for (size_t i = 0; i < n_keys; i++) {
		suggestion_offer(suggestion, keys[i].param.key);
	}
}

void settings_report_unknown(const struct settings *settings, const struct key *keys, size_t n_keys,
			     const struct key *more, size_t n_more, const struct place *place,
			     struct problems *problems)
{
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->all[i];
		struct place line = place_of(place, setting);
		struct suggestion near;

		if (setting->known) {
			continue;
		}
		suggestion_init(&near, setting->key);
		offer_keys(&near, keys, n_keys);
		offer_keys(&near, more, n_more);
		problems_add(problems, PROBLEM_CONFIG, &line, "unknown key '%s'%s%s%s",
			     setting->key, near.best ? "; did you mean '" : "",
			     near.best ? near.best : "", near.best ? "'?" : "");
	}
}
