/* SPDX-License-Identifier: MIT */
/*
 * The pairs of one section, and how a table of keys turns them into values.
 *
 * A [server] section is read twice: by shinyd's own keys here, and by the parameters of its plugin
 * in the probe's child. What neither of them knows is an error, which only those who know both can
 * report.
 */
#ifndef SHINYD_SETTINGS_H
#define SHINYD_SETTINGS_H

#include "config/keys.h"
#include "config/problems.h"

#include <string.h>

/* Where settings come from: a file, or the command line. Lives as long as one of them does. */
struct source {
	unsigned references;
	char *name;
	bool world_readable;
	bool is_command_line; /* and no file */
};

/* source_create() - for source_unref() */
struct source *source_create(const char *name);
struct source *source_ref(struct source *source);
void source_unref(struct source *source);

struct setting {
	char *key;
	char *text;
	struct source *source; /* that sets it */
	struct source *holder; /* that the text stands in: the same, or a file that it names */
	unsigned line;	       /* 0: the source has no lines */
	bool known;	       /* some table has its key */
};

static inline bool setting_is(const struct setting *setting, const struct key *key)
{
	return strcmp(setting->key, key->param.key) == 0;
}

/* setting_location() - where it stands, inside the section that begins at @section */
static inline struct source_location setting_location(const struct setting *setting,
						      const struct source_location *section)
{
	return (struct source_location){ setting->source->name, section->section, setting->line };
}

/* setting_fill() - replace the text by that of the file @holder */
void setting_fill(struct setting *setting, const char *text, struct source *holder);

struct settings {
	struct setting *all; /* in the order of the file */
	size_t count;
	struct settings
		*overridden; /* what a file sets and the command line replaces; NULL: nothing */
};

void settings_finish(struct settings *settings);

/* settings_add() - copies both texts, and refers to @source */
void settings_add(struct settings *settings, const char *key, const char *text,
		  struct source *source, unsigned line);

/* settings_override() - the same, in place of the settings of other sources */
void settings_override(struct settings *settings, const char *key, const char *text,
		       struct source *source);

/* settings_take() - replace the settings of @key by those of @from */
void settings_take(struct settings *settings, const struct settings *from, const char *key);

/*
 * settings_read_key() - the value of one key
 *
 * Reports a value that is wrong, a key that stands twice and a required one that is missing; a key
 * with a problem keeps its default. @location is the section's own line.
 *
 * Owner:   the value points into @settings and @key.
 */
void settings_read_key(struct settings *settings, const struct key *key,
		       const struct source_location *location, struct problems *problems,
		       struct shiny_value *ret_value);

/* settings_read() - the same for all keys of a table */
void settings_read(struct settings *settings, const struct key *keys, size_t n_keys,
		   const struct source_location *location, struct problems *problems,
		   struct shiny_value *ret_values);

/* settings_report_unknown() - report keys of neither table, with the nearest one */
void settings_report_unknown(const struct settings *settings, const struct key *keys, size_t n_keys,
			     const struct key *more, size_t n_more,
			     const struct source_location *location, struct problems *problems);

#endif
