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

/* Where settings come from: a file, or the command line. */
struct source {
	char *name;
	bool world_readable;
};

struct setting {
	char *key;
	char *text;
	const struct source *source;
	unsigned line; /* 0: the source has no lines */
	bool known;    /* some table has its key */
};

static inline bool setting_is(const struct setting *setting, const struct key *key)
{
	return strcmp(setting->key, key->param.key) == 0;
}

/* setting_place() - where it stands, inside the section whose own place is @section */
static inline struct place setting_place(const struct setting *setting, const struct place *section)
{
	return (struct place){ setting->source->name, section->section, setting->line };
}

struct settings {
	struct setting *all; /* in the order of the file */
	size_t count;
};

void settings_finish(struct settings *settings);

/* settings_add() - copies both texts; @source must live as long */
void settings_add(struct settings *settings, const char *key, const char *text,
		  const struct source *source, unsigned line);

/* settings_override() - the same, instead of what other sources say of the key */
void settings_override(struct settings *settings, const char *key, const char *text,
		       const struct source *source);

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
