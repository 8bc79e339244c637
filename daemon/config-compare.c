/* SPDX-License-Identifier: MIT */
/*
 * Whether a section of a new configuration asks for other workers than those that run.
 */
#include "config-compare.h"

#include <glib.h>

static bool is_live(const struct config_section *section, const char *key)
{
	for (size_t i = 0; i < section->n_keys; i++) {
		if (strcmp(section->keys[i].param.key, key) == 0) {
			return (section->keys[i].flags & KEY_LIVE) != 0;
		}
	}
	return false; /* the plugin's */
}

static bool has(const struct settings *settings, const struct setting *wanted)
{
	for (size_t i = 0; i < settings->count; i++) {
		if (strcmp(settings->all[i].key, wanted->key) == 0 &&
		    strcmp(settings->all[i].text, wanted->text) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether all that @left sets so does @right, whatever the order. */
static bool is_within(const struct config_section *left, const struct config_section *right)
{
	for (size_t i = 0; i < left->settings.count; i++) {
		const struct setting *setting = &left->settings.all[i];

		if (!is_live(left, setting->key) && !has(&right->settings, setting)) {
			return false;
		}
	}
	return true;
}

bool config_needs_replacement(const struct config *old_config, const struct config_section *old,
			      const struct config *new_config, const struct config_section *new)
{
	return !is_within(old, new) || !is_within(new, old) ||
	       g_strcmp0(old->plugin.path, new->plugin.path) != 0 ||
	       g_strcmp0(old->plugin.identity, new->plugin.identity) != 0 ||
	       old_config->privileges.uid != new_config->privileges.uid ||
	       old_config->privileges.gid != new_config->privileges.gid;
}
