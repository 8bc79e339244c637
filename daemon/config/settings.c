/* SPDX-License-Identifier: MIT */
/*
 * The pairs of one section: kept in the order of the file, read by a table of keys.
 */
#include "config/settings.h"

#include "config/value.h"
#include "util/suggest.h"

#include <glib.h>

struct source *source_create(const char *name)
{
	struct source *source = g_new0(struct source, 1);

	source->references = 1;
	source->name = g_strdup(name);
	return source;
}

struct source *source_ref(struct source *source)
{
	source->references++;
	return source;
}

void source_unref(struct source *source)
{
	if (source != NULL && --source->references == 0) {
		g_free(source->name);
		g_free(source);
	}
}

static void finish_setting(struct setting *setting)
{
	g_free(setting->key);
	g_free(setting->text);
	source_unref(setting->source);
	source_unref(setting->holder);
}

void setting_fill(struct setting *setting, const char *text, struct source *holder)
{
	g_free(setting->text);
	source_unref(setting->holder);
	setting->text = g_strdup(text);
	setting->holder = source_ref(holder);
}

void settings_finish(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++) {
		finish_setting(&settings->all[i]);
	}
	g_free(settings->all);
	if (settings->overridden != NULL) {
		settings_finish(settings->overridden);
		g_free(settings->overridden);
	}
	*settings = (struct settings){ 0 };
}

/* Takes what @setting holds. */
static void append(struct settings *settings, struct setting setting)
{
	settings->all = g_renew(struct setting, settings->all, settings->count + 1);
	settings->all[settings->count++] = setting;
}

void settings_add(struct settings *settings, const char *key, const char *text,
		  struct source *source, unsigned line)
{
	append(settings, (struct setting){
				 .key = g_strdup(key),
				 .text = g_strdup(text),
				 .source = source_ref(source),
				 .holder = source_ref(source),
				 .line = line,
			 });
}

/* Moves the settings of @key that come from other sources than @source to @to, or drops them. */
static void remove_others(struct settings *settings, const char *key, const struct source *source,
			  struct settings *to)
{
	size_t kept = 0;

	for (size_t i = 0; i < settings->count; i++) {
		struct setting *setting = &settings->all[i];

		if (setting->source != source && strcmp(setting->key, key) == 0) {
			if (to != NULL) {
				append(to, *setting);
			} else {
				finish_setting(setting);
			}
		} else {
			settings->all[kept++] = *setting;
		}
	}
	settings->count = kept;
}

void settings_override(struct settings *settings, const char *key, const char *text,
		       struct source *source)
{
	if (settings->overridden == NULL) {
		settings->overridden = g_new0(struct settings, 1);
	}
	remove_others(settings, key, source, settings->overridden);
	settings_add(settings, key, text, source, 0);
}

void settings_take(struct settings *settings, const struct settings *from, const char *key)
{
	remove_others(settings, key, NULL, NULL);
	for (size_t i = 0; i < from->count; i++) {
		const struct setting *setting = &from->all[i];

		if (strcmp(setting->key, key) == 0) {
			settings_add(settings, key, setting->text, setting->source, setting->line);
			setting_fill(&settings->all[settings->count - 1], setting->text,
				     setting->holder);
		}
	}
}

static void read_value(const struct setting *setting, const struct shiny_param *param,
		       const struct source_location *section, struct problems *problems,
		       struct shiny_value *ret_value)
{
	struct source_location location = setting_location(setting, section);
	char error[SHINY_ERROR_MAX];

	if (value_parse(param, setting->text, ret_value, error) < 0) {
		problems_add(problems, PROBLEM_CONFIG, &location, "%s: %s", param->key, error);
	}
}

void settings_read_key(struct settings *settings, const struct key *key,
		       const struct source_location *location, struct problems *problems,
		       struct shiny_value *ret_value)
{
	const struct setting *first = NULL;
	char error[SHINY_ERROR_MAX];
	int r = value_default(&key->param, ret_value, error);

	g_assert(r == 0); /* the tables are tested, a plugin's is checked as it is loaded */
	for (size_t i = 0; i < settings->count; i++) {
		struct setting *setting = &settings->all[i];
		struct source_location line = setting_location(setting, location);

		if (!setting_is(setting, key)) {
			continue;
		}
		setting->known = true;
		if (first != NULL && (key->flags & KEY_REPEATS) == 0) {
			if (first->line == 0) {
				problems_add(problems, PROBLEM_CONFIG, &line, "%s stands twice",
					     setting->key);
			} else {
				problems_add(problems, PROBLEM_CONFIG, &line,
					     "%s stands twice; first in line %u", setting->key,
					     first->line);
			}
			continue;
		}
		first = setting;
		read_value(setting, &key->param, location, problems, ret_value);
	}
	if (first == NULL && key->param.required) {
		problems_add(problems, PROBLEM_CONFIG, location, "%s is missing", key->param.key);
	}
}

void settings_read(struct settings *settings, const struct key *keys, size_t n_keys,
		   const struct source_location *location, struct problems *problems,
		   struct shiny_value *ret_values)
{
	for (size_t i = 0; i < n_keys; i++) {
		settings_read_key(settings, &keys[i], location, problems, &ret_values[i]);
	}
}

static void offer_keys(struct suggestion *suggestion, const struct key *keys, size_t n_keys)
{
	for (size_t i = 0; i < n_keys; i++) {
		suggestion_offer(suggestion, keys[i].param.key);
	}
}

static void report_unknown(const char *key, const char *near, const struct source_location *line,
			   struct problems *problems)
{
	const char *home = key_section(key);

	if (home != NULL) {
		problems_add(problems, PROBLEM_CONFIG, line, "%s is a key of %s", key, home);
	} else if (near != NULL) {
		problems_add(problems, PROBLEM_CONFIG, line, "unknown key '%s'; did you mean '%s'?",
			     key, near);
	} else {
		problems_add(problems, PROBLEM_CONFIG, line, "unknown key '%s'", key);
	}
}

void settings_report_unknown(const struct settings *settings, const struct key *keys, size_t n_keys,
			     const struct key *more, size_t n_more,
			     const struct source_location *location, struct problems *problems)
{
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->all[i];
		struct source_location line = setting_location(setting, location);
		struct suggestion near;

		if (setting->known) {
			continue;
		}
		suggestion_init(&near, setting->key);
		offer_keys(&near, keys, n_keys);
		offer_keys(&near, more, n_more);
		report_unknown(setting->key, near.best, &line, problems);
	}
}
