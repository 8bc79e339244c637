/* SPDX-License-Identifier: MIT */
/*
 * shinyd.ini as structures.
 */
#include "config.h"

#include "ini-reader.h"
#include "suggest.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>

#define DAEMON_TITLE	"shinyd"
#define SERVER_PREFIX	"server "

#define NAME_MAX_LENGTH 32
#define NAME_CHARACTERS              \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789_.-"

struct loader {
	struct config *config;
	struct problems *problems;
	struct config_section *current; /* NULL before the first section and in one that is wrong */
	bool started;			/* some section has begun */
};

static struct config_section *section_create(const char *file, const char *title, unsigned line)
{
	struct config_section *section = g_new0(struct config_section, 1);
	bool server = g_str_has_prefix(title, SERVER_PREFIX);

	section->title = g_strdup(title);
	section->name = g_strdup(server ? title + strlen(SERVER_PREFIX) : "");
	section->place = (struct place){ file, section->title, line };
	section->keys = server ? server_keys : daemon_keys;
	section->n_keys = server ? SERVER_KEY_MAX : DAEMON_KEY_MAX;
	return section;
}

static void section_destroy(struct config_section *section)
{
	settings_finish(&section->settings);
	g_free(section->plugin.path);
	g_free(section->plugin.name);
	g_free(section->plugin.version);
	g_free(section->title);
	g_free(section->name);
	g_free(section);
}

static struct config_section *find_section(const struct config *config, const char *title)
{
	if (strcmp(config->daemon->title, title) == 0) {
		return config->daemon;
	}
	for (size_t i = 0; i < config->n_servers; i++) {
		if (strcmp(config->servers[i]->title, title) == 0) {
			return config->servers[i];
		}
	}
	return NULL;
}

struct config_section *config_find_server(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_servers; i++) {
		if (strcmp(config->servers[i]->name, name) == 0) {
			return config->servers[i];
		}
	}
	return NULL;
}

struct place config_place(const struct config_section *section, unsigned key)
{
	struct place place = section->place;

	for (size_t i = 0; i < section->settings.count; i++) {
		if (setting_is(&section->settings.all[i], &section->keys[key])) {
			place.line = section->settings.all[i].line;
			break;
		}
	}
	return place;
}

static void report(struct loader *loader, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void report(struct loader *loader, unsigned line, const char *format, ...)
{
	struct place place = { loader->config->file, NULL, line };
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	problems_add(loader->problems, PROBLEM_CONFIG, &place, "%s", text);
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
	if (!check_title(loader, line, title)) {
		return;
	}
	same = find_section(config, title);
	if (same != NULL && same->place.line != 0) {
		report(loader, line, "[%s] stands twice; first in line %u", title,
		       same->place.line);
		return;
	}
	if (same != NULL) {
		same->place.line = line; /* [shinyd] is there from the start */
		loader->current = same;
		return;
	}
	loader->current = section_create(config->file, title, line);
	add_server(config, loader->current);
}

static void on_pair(void *ctx, unsigned line, const char *key, const char *value)
{
	struct loader *loader = ctx;

	if (loader->current != NULL) {
		settings_add(&loader->current->settings, key, value, line);
	} else if (!loader->started) {
		report(loader, line, "'%s' stands before any section", key);
	}
}

static void on_error(void *ctx, unsigned line, const char *text)
{
	report(ctx, line, "%s", text);
}

static void read_file(struct loader *loader)
{
	static const struct ini_events events = { on_section, on_pair, on_error };
	FILE *file = fopen(loader->config->file, "re");
	int r;

	if (file == NULL) {
		report(loader, 0, "%s", g_strerror(errno));
		return;
	}
	r = ini_read(file, &events, loader);
	fclose(file);
	if (r < 0) {
		report(loader, 0, "%s", g_strerror(-r));
	} else if (loader->config->n_servers == 0) {
		report(loader, 0, "there is no [server NAME] section, hence nothing to serve");
	}
}

/* systemd://NAME comes with the service manager's sockets. */
static bool is_address(const char *text)
{
	static const char *const schemes[] = { "tcp://", "tcp4://", "tcp6://", "unix://" };

	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
		if (g_str_has_prefix(text, schemes[i])) {
			return true;
		}
	}
	return false;
}

/* What the table of keys cannot say. */
static void check_daemon(const struct config_section *daemon, struct problems *problems)
{
	const char *target = daemon->values[DAEMON_LOG_TARGET].text;
	struct place place = config_place(daemon, DAEMON_LOG_TARGET);

	if (*target != '/' && strcmp(target, "auto") != 0 && strcmp(target, "stderr") != 0) {
		problems_add(problems, PROBLEM_CONFIG, &place,
			     "log_target: expected auto, stderr or an absolute path, not '%s'",
			     target);
	}
}

static void check_server(const struct config_section *server, struct problems *problems)
{
	const struct shiny_value *values = server->values;
	struct place place = config_place(server, SERVER_LOW_WATER);

	if (values[SERVER_LOW_WATER].number > values[SERVER_HIGH_WATER].number) {
		problems_add(problems, PROBLEM_CONFIG, &place, "low_water is above high_water");
	}
	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];

		place.line = setting->line;
		if (setting_is(setting, &server_keys[SERVER_LISTEN]) &&
		    !is_address(setting->text)) {
			problems_add(problems, PROBLEM_CONFIG, &place,
				     "listen: expected tcp://HOST:PORT, tcp4://, tcp6:// or "
				     "unix:///PATH, not '%s'",
				     setting->text);
		}
	}
}

static void read_values(struct config_section *section, struct problems *problems)
{
	settings_read(&section->settings, section->keys, section->n_keys, &section->place, problems,
		      section->values);
}

struct config *config_load(const char *file, struct problems *problems)
{
	struct config *config = g_new0(struct config, 1);
	struct loader loader = { .config = config, .problems = problems };
	struct config_section *daemon;

	config->file = g_strdup(file);
	daemon = config->daemon = section_create(config->file, DAEMON_TITLE, 0);
	read_file(&loader);

	read_values(daemon, problems);
	settings_report_unknown(&daemon->settings, daemon->keys, daemon->n_keys, NULL, 0,
				&daemon->place, problems);
	check_daemon(daemon, problems);
	for (size_t i = 0; i < config->n_servers; i++) {
		read_values(config->servers[i], problems);
		check_server(config->servers[i], problems);
	}
	return config;
}

void config_destroy(struct config *config)
{
	if (config == NULL) {
		return;
	}
	for (size_t i = 0; i < config->n_servers; i++) {
		section_destroy(config->servers[i]);
	}
	section_destroy(config->daemon);
	g_free(config->servers);
	g_free(config->file);
	g_free(config);
}
