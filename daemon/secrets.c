/* SPDX-License-Identifier: MIT */
/*
 * Secrets that everybody may read.
 */
#include "secrets.h"

#include "value-file.h"

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
		struct place place = setting_place(setting, &server->place);

		if (setting_is(setting, key) && setting->holder->world_readable &&
		    !is_elsewhere(setting)) {
			problems_add(problems, PROBLEM_CONFIG, &place,
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
