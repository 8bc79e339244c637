/* SPDX-License-Identifier: MIT */
/*
 * The pairs of one section, and how a table of keys turns them into values.
 *
 * A [server] section is read twice: by shinyd's own keys, and by the parameters of its plugin. What
 * neither knows is an error, which only those who know both can tell.
 */
#ifndef SHINYD_SETTINGS_H
#define SHINYD_SETTINGS_H

#include "keys.h"
#include "problems.h"

#include <string.h>

struct setting {
	char *key;
	char *text;
	unsigned line;
	bool known; /* some table has its key */
};

static inline bool setting_is(const struct setting *setting, const struct key *key)
{
	return strcmp(setting->key, key->param.key) == 0;
}

struct settings {
	struct setting *all; /* in the order of the file */
	size_t count;
};

void settings_finish(struct settings *settings);

/* settings_add() - copies both texts */
void settings_add(struct settings *settings, const char *key, const char *text, unsigned line);

/*
 * settings_read() - the values of the keys in one table
 *
 * Reports values that are wrong, keys that stand twice and required ones that are missing; a key
 * with a problem keeps its preset. @place is the section's own line.
 *
 * Owner:   the values point into @settings and @keys.
 */
void settings_read(struct settings *settings, const struct key *keys, size_t n_keys,
		   const struct place *place, struct problems *problems,
		   struct shiny_value *ret_values);

/*
 * settings_report_unknown() - what no table knew, with the nearest key of two tables
 */
void settings_report_unknown(const struct settings *settings, const struct key *keys, size_t n_keys,
			     const struct key *more, size_t n_more, const struct place *place,
			     struct problems *problems);

#endif
