/* SPDX-License-Identifier: MIT */
/*
 * Secrets that everybody may read: in a file with the wrong mode, or on the command line.
 */
#include "config/secrets.h"

#include "config/value-file.h"

#include <glib.h>
#include <unistd.h>

/* What a file would hold that was not looked into, for the name of it is overridden. */
static bool is_elsewhere(const struct setting *setting)
{
	return setting->holder == setting->source && value_file_named(setting->text) != NULL;
}

static void check_secret(const struct config_section *server, const struct key *key,
			 const struct settings *settings, struct problems *problems)
{
	for (size_t i = 0; settings != NULL && i < settings->count; i++) {
		const struct setting *setting = &settings->all[i];
		struct source_location location = setting_location(setting, &server->location);

		if (setting_is(setting, key) && setting->holder->world_readable &&
		    !is_elsewhere(setting)) {
			problems_add(problems, PROBLEM_CONFIG, &location,
				     "%s is a secret, and everybody may read it: chmod o-r %s",
				     setting->key, setting->holder->name);
		}
	}
}

void secrets_check(const struct config_section *server, const struct key *keys, size_t n_keys,
		   struct problems *problems)
{
	for (size_t i = 0; i < n_keys; i++) {
		if (keys[i].param.type == SHINY_TYPE_SECRET) {
			check_secret(server, &keys[i], &server->settings, problems);
			check_secret(server, &keys[i], server->settings.overridden, problems);
		}
	}
}

static bool is_seen(const struct setting *setting, const struct key *key)
{
	return key->param.type == SHINY_TYPE_SECRET && setting_is(setting, key) &&
	       setting->source->is_command_line && setting->holder == setting->source;
}

char *secrets_warn(const struct config_section *server, const struct key *keys, size_t n_keys)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < n_keys * server->settings.count; i++) {
		const struct key *key = &keys[i / server->settings.count];

		if (is_seen(&server->settings.all[i % server->settings.count], key)) {
			g_string_append_printf(text,
					       "%s is a secret, and everybody can see it in "
					       "/proc/%d/cmdline: set it in a file, or as @/PATH\n",
					       key->param.key, (int)getppid());
		}
	}
	return g_string_free(text, text->len == 0);
}
