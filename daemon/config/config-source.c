/* SPDX-License-Identifier: MIT */
/*
 * One file of the configuration, read into sections and settings.
 *
 * Its sections and pairs come as events from ini-reader.c, line by line. Here is decided which
 * sections there may be, and that none stands twice.
 */
#include "config/config-source.h"

#include "config/ini-reader.h"
#include "trust/safe-open.h"
#include "util/suggest.h"

#include <errno.h>
#include <glib.h>
#include <stdarg.h>
#include <string.h>

#define FILE_MAX	(4 << 20) /* bytes; no endless file fills the memory */
#define NAME_MAX_LENGTH 32
#define NAME_CHARACTERS              \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789_.-"

void config_source_report(struct config_loader *loader, unsigned line, const char *format, ...)
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

static void report_unknown_section(struct config_loader *loader, unsigned line, const char *title)
{
	char *word = g_strndup(title, strcspn(title, " "));
	struct suggestion near;

	suggestion_init(&near, word);
	suggestion_offer(&near, "server");
	suggestion_offer(&near, CONFIG_DAEMON_TITLE);
	config_source_report(loader, line, "unknown section [%s]; %s", title,
			     g_strcmp0(near.best, "server") == 0 ? "did you mean [server NAME]?"
			     : g_strcmp0(near.best, CONFIG_DAEMON_TITLE) == 0
				     ? "did you mean [" CONFIG_DAEMON_TITLE "]?"
				     : "there are [shinyd] and [server NAME]");
	g_free(word);
}

/* Returns whether the file may have a section of that title; reports why not. */
static bool check_title(struct config_loader *loader, unsigned line, const char *title)
{
	const char *name = title + strlen(CONFIG_SERVER_PREFIX);

	if (strcmp(title, CONFIG_DAEMON_TITLE) == 0) {
		if (loader->source != loader->config->sources[0]) {
			config_source_report(loader, line,
					     "[" CONFIG_DAEMON_TITLE "] may only stand in %s",
					     loader->config->file);
			return false;
		}
		return true;
	}
	if (!g_str_has_prefix(title, CONFIG_SERVER_PREFIX)) {
		report_unknown_section(loader, line, title);
		return false;
	}
	if (strspn(name, NAME_CHARACTERS) != strlen(name) || strlen(name) > NAME_MAX_LENGTH) {
		config_source_report(
			loader, line,
			"[%s]: a server's name has at most %d letters, digits, '_', '.' and '-'",
			title, NAME_MAX_LENGTH);
		return false;
	}
	return true;
}

static void report_twice(struct config_loader *loader, unsigned line,
			 const struct config_section *same)
{
	if (strcmp(same->location.file, loader->source->name) == 0) {
		config_source_report(loader, line, "[%s] stands twice; first in line %u",
				     same->title, same->location.line);
	} else {
		config_source_report(loader, line, "[%s] stands twice; first in %s:%u", same->title,
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
	struct config_loader *loader = ctx;
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
	struct config_loader *loader = ctx;

	if (loader->current != NULL) {
		settings_add(&loader->current->settings, key, value, loader->source, line);
	} else if (!loader->started) {
		config_source_report(loader, line, "'%s' stands before any section", key);
	}
}

static void on_error(void *ctx, unsigned line, const char *text)
{
	config_source_report(ctx, line, "%s", text);
}

static int parse(struct config_loader *loader, const struct safe_text *text)
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

int config_source_read(struct config_loader *loader, struct source *source, bool may_wait,
		       char *error)
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
