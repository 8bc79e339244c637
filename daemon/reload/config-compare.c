/* SPDX-License-Identifier: MIT */
/*
 * Two sections compared, setting by setting; keys that are live do not count.
 */
#include "reload/config-compare.h"

#include <glib.h>

static void add(GPtrArray *changes, const struct source_location *location, const char *what)
{
	char *text = location->line > 0
			     ? g_strdup_printf("%s:%u: %s", location->file, location->line, what)
			     : g_strdup_printf("%s: %s", location->file, what);

	if (g_ptr_array_find_with_equal_func(changes, text, g_str_equal, NULL)) {
		g_free(text); /* a key that both set, or that stands several times */
	} else {
		g_ptr_array_add(changes, text);
	}
}

static bool is_live(const struct config_section *section, const char *key)
{
	for (size_t i = 0; i < section->n_keys; i++) {
		if (strcmp(section->keys[i].param.key, key) == 0) {
			return (section->keys[i].flags & KEY_LIVE) != 0;
		}
	}
	return false; /* the plugin's */
}

static bool has(const struct config_section *section, const struct setting *wanted)
{
	const struct settings *settings = &section->settings;

	for (size_t i = 0; i < settings->count; i++) {
		if (strcmp(settings->all[i].key, wanted->key) == 0 &&
		    strcmp(settings->all[i].text, wanted->text) == 0) {
			return true;
		}
	}
	return false;
}

/* The line where @section sets @key first; the section's own if it does not. */
static struct source_location location_of(const struct config_section *section, const char *key)
{
	const struct settings *settings = &section->settings;

	for (size_t i = 0; i < settings->count; i++) {
		if (strcmp(settings->all[i].key, key) == 0) {
			return setting_location(&settings->all[i], &section->location);
		}
	}
	return section->location;
}

/* Adds what @left sets and @right does not; the order does not matter. */
static void compare_settings(const struct config_section *left, const struct config_section *right,
			     const struct config_section *new, GPtrArray *changes)
{
	for (size_t i = 0; i < left->settings.count; i++) {
		const struct setting *setting = &left->settings.all[i];
		const struct source_location location = location_of(new, setting->key);

		if (!is_live(left, setting->key) && !has(right, setting)) {
			add(changes, &location, setting->key);
		}
	}
}

static void compare_plugins(const struct config_section *old, const struct config_section *new,
			    GPtrArray *changes)
{
	const struct source_location location = config_location(new, SERVER_PLUGIN);

	if (g_strcmp0(old->plugin.path, new->plugin.path) != 0 ||
	    !file_identity_equal(&old->plugin.identity, &new->plugin.identity)) {
		add(changes, &location, "the plugin's file");
	}
}

static void compare_users(const struct config *old, const struct config *new, GPtrArray *changes)
{
	const struct source_location location = config_location(new->daemon, DAEMON_USER);

	if (!privileges_equal(&old->privileges, &new->privileges)) {
		add(changes, &location, "user");
	}
}

char **config_compare(const struct config *old_config, const struct config_section *old,
		      const struct config *new_config, const struct config_section *new)
{
	GPtrArray *changes = g_ptr_array_new();

	compare_settings(new, old, new, changes);
	compare_settings(old, new, new, changes);
	compare_plugins(old, new, changes);
	compare_users(old_config, new_config, changes);
	g_ptr_array_add(changes, NULL);
	return (char **)g_ptr_array_free(changes, FALSE);
}
