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
#include "config/ini-reader.h"
#include "config/value-file.h"
#include "trust/safe-open.h"
#include "util/suggest.h"

#include <errno.h>
#include <glib.h>
#include <glob.h>
#include <string.h>

#define DAEMON_TITLE	"shinyd"
#define SERVER_PREFIX	"server "

#define FILE_MAX	(4 << 20) /* bytes; no endless file fills the memory */
#define NAME_MAX_LENGTH 32
#define NAME_CHARACTERS              \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789_.-"

struct loader {
	struct config *config;
	struct problems *problems;
	struct source *source;		/* that is read */
	struct config_section *current; /* NULL before the first section and in one that is wrong */
	bool started;			/* some section of the source has begun */
	bool missed;			/* there may be sections that were not taken */
};

static void report(struct loader *loader, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void report(struct loader *loader, unsigned line, const char *format, ...)
{
	struct source_location location = { loader->source->name, NULL, line };
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	problems_add(loader->problems, PROBLEM_CONFIG, &location, "%s", text);
	g_free(text);
}

static void report_unknown_section(struct loader *loader, unsigned line, const char *title)
{
	char *word = g_strndup(title, strcspn(title, " "));
	struct suggestion near;

	suggestion_init(&near, word);
	suggestion_offer(&near, "server");
	suggestion_offer(&near, DAEMON_TITLE);
	report(loader, line, "unknown section [%s]; %s", title,
	       g_strcmp0(near.best, "server") == 0	 ? "did you mean [server NAME]?"
	       : g_strcmp0(near.best, DAEMON_TITLE) == 0 ? "did you mean [" DAEMON_TITLE "]?"
							 : "there are [shinyd] and [server NAME]");
	g_free(word);
}

/* Whether @title is one that may stand in the file; says why not. */
static bool check_title(struct loader *loader, unsigned line, const char *title)
{
	const char *name = title + strlen(SERVER_PREFIX);

	if (strcmp(title, DAEMON_TITLE) == 0) {
		if (loader->source != loader->config->sources[0]) {
			report(loader, line, "[" DAEMON_TITLE "] may only stand in %s",
			       loader->config->file);
			return false;
		}
		return true;
	}
	if (!g_str_has_prefix(title, SERVER_PREFIX)) {
		report_unknown_section(loader, line, title);
		return false;
	}
	if (strspn(name, NAME_CHARACTERS) != strlen(name) || strlen(name) > NAME_MAX_LENGTH) {
		report(loader, line,
		       "[%s]: a server's name has at most %d letters, digits, '_', '.' and '-'",
		       title, NAME_MAX_LENGTH);
		return false;
	}
	return true;
}

static void report_twice(struct loader *loader, unsigned line, const struct config_section *same)
{
	if (strcmp(same->location.file, loader->source->name) == 0) {
		report(loader, line, "[%s] stands twice; first in line %u", same->title,
		       same->location.line);
	} else {
		report(loader, line, "[%s] stands twice; first in %s:%u", same->title,
		       same->location.file, same->location.line);
	}
}

static void add_server(struct config *config, struct config_section *server)
{
	config->servers = g_renew(struct config_section *, config->servers, config->n_servers + 1);
	config->servers[config->n_servers++] = server;
}

static void on_section(void *ctx, unsigned line, const char *title)
{
	struct loader *loader = ctx;
	struct config *config = loader->config;
	struct config_section *same;

	loader->started = true;
	loader->current = NULL;
	if (title == NULL || !check_title(loader, line, title)) {
		loader->missed = true;
		return;
	}
	same = config_find(config, title);
	if (same != NULL && same->location.line != 0) {
		report_twice(loader, line, same);
		return;
	}
	if (same != NULL) {
		same->location.line = line; /* [shinyd] is there from the start */
		loader->current = same;
		return;
	}
	loader->current = config_section_create(loader->source->name, title, line);
	add_server(config, loader->current);
}

static void on_pair(void *ctx, unsigned line, const char *key, const char *value)
{
	struct loader *loader = ctx;

	if (loader->current != NULL) {
		settings_add(&loader->current->settings, key, value, loader->source, line);
	} else if (!loader->started) {
		report(loader, line, "'%s' stands before any section", key);
	}
}

static void on_error(void *ctx, unsigned line, const char *text)
{
	report(ctx, line, "%s", text);
}

static int parse(struct loader *loader, const struct safe_text *text)
{
	static const struct ini_events events = { on_section, on_pair, on_error };
	FILE *file = text->len > 0 ? fmemopen(text->data, text->len, "r") : NULL;
	int r;

	if (file == NULL) {
		return text->len > 0 ? -errno : 0;
	}
	r = ini_read(file, &events, loader);
	fclose(file);
	return r;
}

/* 0, be it right or wrong; or why it cannot be read, also in @error. */
static int read_source(struct loader *loader, struct source *source, bool may_wait, char *error)
{
	struct safe_text text;
	int r = safe_read(source->name, FILE_MAX, may_wait, &text, error);

	loader->source = source;
	loader->current = NULL;
	loader->started = false;
	if (r < 0) {
		return r;
	}
	source->world_readable = text.world_readable;
	r = parse(loader, &text);
	if (r < 0) {
		snprintf(error, TRUST_ERROR_MAX, "cannot be read: %s", g_strerror(-r));
	}
	g_free(text.data);
	return r;
}

static void read_included(struct loader *loader, const struct setting *setting, const char *name)
{
	const struct source_location location =
		setting_location(setting, &loader->config->daemon->location);
	char error[TRUST_ERROR_MAX];

	if (read_source(loader, config_add_source(loader->config, name), false, error) < 0) {
		problems_add(loader->problems, PROBLEM_CONFIG, &location, "include: %s: %s", name,
			     error);
		loader->missed = true;
	}
}

/* A folder that is not there has no files; what cannot be read may have some. */
static int is_unreadable(const char *path, int error)
{
	(void)path;
	errno = error; /* glob() does not pass it on, and does nothing more */
	return error != ENOENT;
}

static void read_found(struct loader *loader, const struct setting *setting, const glob_t *found)
{
	for (size_t i = 0; i < found->gl_pathc; i++) {
		read_included(loader, setting, found->gl_pathv[i]);
	}
}

/* Names are relative to the folder of the file that includes. */
static void read_include(struct loader *loader, const struct setting *setting)
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

static void read_includes(struct loader *loader)
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
static void read_sources(struct loader *loader, bool may_wait)
{
	struct config *config = loader->config;
	struct source *first = config_add_source(config, config->file);
	char error[TRUST_ERROR_MAX];
	int r = read_source(loader, first, may_wait, error);

	if (r < 0) {
		config->unread = true;
		report(loader, 0, "%s%s", error,
		       r == -ESPIPE ? ", and can be read at the start only" : "");
		return;
	}
	read_includes(loader);
	if (config->n_servers == 0 && !loader->missed) {
		loader->source = first;
		report(loader, 0, "there is no [server NAME] section, hence nothing to serve");
	}
}

struct config *config_load(const char *file, char *const *overrides, bool may_wait,
			   struct problems *problems)
{
	struct config *config = g_new0(struct config, 1);
	struct loader loader = { .config = config, .problems = problems };
	struct config_section *daemon;

	config->references = 1;
	config->file = g_strdup(file);
	daemon = config->daemon = config_section_create(config->file, DAEMON_TITLE, 0);
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

/* All that is needed to ask one that runs, whose files may be wrong in the meantime. */
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

/* What is wrong elsewhere, unless it may be why nothing sets the key. */
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
	struct loader loader = { .config = config, .problems = problems };
	char error[TRUST_ERROR_MAX];
	struct source *first;

	config->references = 1;
	config->partial = true;
	config->file = g_strdup(file);
	config->daemon = config_section_create(config->file, DAEMON_TITLE, 0);
	first = config_add_source(config, config->file);
	config->unread = read_source(&loader, first, false, error) < 0;
	forget_elsewhere(config->daemon, problems);
	config_override(config, overrides, problems);
	read_status_socket(config->daemon, problems);
	if (config->unread) {
		report(&loader, 0, "%s; %s is asked", error,
		       config->daemon->values[DAEMON_STATUS_SOCKET].text);
	}
	return config;
}
