/* SPDX-License-Identifier: MIT */
/*
 * shinyd.ini read: the file, then the files that it includes, then what the command line sets
 * instead.
 *
 * An error never stops the reading. Each section ends up with its settings, and then with values;
 * what values mean together is checked last, by config-check.c.
 */
#include "config/config-check.h"
#include "config/config-override.h"
#include "config/config-source.h"
#include "config/value-file.h"

#include <errno.h>
#include <glib.h>
#include <glob.h>
#include <string.h>

static void read_included(struct config_loader *loader, const struct setting *setting,
			  const char *name)
{
	const struct source_location location =
		setting_location(setting, &loader->config->daemon->location);
	char error[TRUST_ERROR_MAX];

	if (config_source_read(loader, config_add_source(loader->config, name), false, error) < 0) {
		problems_add(loader->problems, PROBLEM_CONFIG, &location, "include: %s: %s", name,
			     error);
		loader->missed = true;
	}
}

/* A folder that does not exist has no files; one that cannot be read may have some. */
static int is_unreadable(const char *path, int error)
{
	(void)path;
	errno = error; /* glob() does not pass it on, and does nothing more */
	return error != ENOENT;
}

static void read_found(struct config_loader *loader, const struct setting *setting,
		       const glob_t *found)
{
	for (size_t i = 0; i < found->gl_pathc; i++) {
		read_included(loader, setting, found->gl_pathv[i]);
	}
}

/* Names are relative to the folder of the including file. */
static void read_include(struct config_loader *loader, const struct setting *setting)
{
	char *folder = g_path_get_dirname(loader->config->file);
	char *pattern = g_path_is_absolute(setting->text)
				? g_strdup(setting->text)
				: g_build_filename(folder, setting->text, NULL);
	bool wild = strpbrk(pattern, "*?[") != NULL;
	const struct source_location location =
		setting_location(setting, &loader->config->daemon->location);
	glob_t found = { 0 };
	int r;

	/* A pattern may match nothing; a name is a file that must be there. */
	r = glob(pattern, wild ? 0 : GLOB_NOCHECK, is_unreadable, &found);
	if (r == 0) {
		read_found(loader, setting, &found);
	} else if (r != GLOB_NOMATCH) {
		problems_add(loader->problems, PROBLEM_CONFIG, &location,
			     "include: the folder of '%s' cannot be read: %s", setting->text,
			     g_strerror(errno));
		loader->missed = true;
	}
	globfree(&found);
	g_free(pattern);
	g_free(folder);
}

static void read_includes(struct config_loader *loader)
{
	const struct settings *settings = &loader->config->daemon->settings;

	for (size_t i = 0; i < settings->count; i++) {
		if (setting_is(&settings->all[i], &daemon_keys[DAEMON_INCLUDE])) {
			read_include(loader, &settings->all[i]);
		}
	}
}

static void read_values(struct config_section *section, struct problems *problems)
{
	value_files_read(&section->settings, &section->location, problems);
	settings_read(&section->settings, section->keys, section->n_keys, &section->location,
		      problems, section->values);
}

/* The file itself, and what it includes. */
static void read_sources(struct config_loader *loader, bool may_wait)
{
	struct config *config = loader->config;
	struct source *first = config_add_source(config, config->file);
	char error[TRUST_ERROR_MAX];
	int r = config_source_read(loader, first, may_wait, error);

	if (r < 0) {
		config->unread = true;
		config_source_report(loader, 0, "%s%s", error,
				     r == -ESPIPE ? ", and can be read at the start only" : "");
		return;
	}
	read_includes(loader);
	if (config->n_servers == 0 && !loader->missed) {
		loader->source = first;
		config_source_report(loader, 0,
				     "there is no [server NAME] section, hence nothing to serve");
	}
}

struct config *config_load(const char *file, char *const *overrides, bool may_wait,
			   struct problems *problems)
{
	struct config *config = g_new0(struct config, 1);
	struct config_loader loader = { .config = config, .problems = problems };
	struct config_section *daemon;

	config->references = 1;
	config->file = g_strdup(file);
	daemon = config->daemon = config_section_create(config->file, CONFIG_DAEMON_TITLE, 0);
	read_sources(&loader, may_wait);
	config_override(config, overrides, problems);

	read_values(daemon, problems);
	settings_report_unknown(&daemon->settings, daemon->keys, daemon->n_keys, NULL, 0,
				&daemon->location, problems);
	for (size_t i = 0; i < config->n_servers; i++) {
		read_values(config->servers[i], problems);
		config_join_proxies(config->servers[i]);
	}
	config_check(config, problems);
	return config;
}

/* This is all that is needed to ask a shinyd that runs; its files may be wrong by now. */
static void read_status_socket(struct config_section *daemon, struct problems *problems)
{
	const struct key *key = &daemon_keys[DAEMON_STATUS_SOCKET];
	struct settings settings = { 0 };

	settings_take(&settings, &daemon->settings, key->param.key);
	settings_finish(&daemon->settings);
	daemon->settings = settings;
	value_files_read(&daemon->settings, &daemon->location, problems);
	settings_read_key(&daemon->settings, key, &daemon->location, problems,
			  &daemon->values[DAEMON_STATUS_SOCKET]);
}

/* Drops problems of other keys, unless they may be why nothing sets this one. */
static void forget_elsewhere(struct config_section *daemon, struct problems *problems)
{
	struct problems values = PROBLEMS_INIT;
	struct shiny_value value;

	if (config_setting(daemon, DAEMON_STATUS_SOCKET) != NULL) {
		problems_finish(problems);
		return;
	}
	for (size_t i = 0; i < daemon->n_keys; i++) {
		settings_read_key(&daemon->settings, &daemon->keys[i], &daemon->location, &values,
				  &value);
	}
	problems_finish(&values);
	settings_report_unknown(&daemon->settings, daemon->keys, daemon->n_keys, NULL, 0,
				&daemon->location, problems);
}

struct config *config_load_status_socket(const char *file, char *const *overrides,
					 struct problems *problems)
{
	struct config *config = g_new0(struct config, 1);
	struct config_loader loader = { .config = config, .problems = problems };
	char error[TRUST_ERROR_MAX];
	struct source *first;

	config->references = 1;
	config->partial = true;
	config->file = g_strdup(file);
	config->daemon = config_section_create(config->file, CONFIG_DAEMON_TITLE, 0);
	first = config_add_source(config, config->file);
	config->unread = config_source_read(&loader, first, false, error) < 0;
	forget_elsewhere(config->daemon, problems);
	config_override(config, overrides, problems);
	read_status_socket(config->daemon, problems);
	if (config->unread) {
		config_source_report(&loader, 0, "%s; %s is asked", error,
				     config->daemon->values[DAEMON_STATUS_SOCKET].text);
	}
	return config;
}
