/* SPDX-License-Identifier: MIT */
/*
 * What plugins say of themselves.
 *
 * The child writes what is to be printed, and ends with a byte that says whether that is a
 * description or a reason why there is none. If the byte is missing the child did not come to its
 * end.
 */
#include "plugin/inspect.h"

#include "config/value.h"
#include "launch/confine.h"
#include "launch/launch.h"
#include "launch/subprocess.h"
#include "log/log.h"
#include "plugin/plugin-path.h"
#include "plugin/plugin.h"
#include "plugin/rpath.h"
#include "trust/trust.h"
#include "util/printable.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ENDED_WELL  '\001'
#define ENDED_BADLY '\002'

static const struct {
	unsigned flag;
	const char *meaning;
} flags[] = {
	{ SHINY_PLUGIN_EXCLUSIVE, "exclusive: one worker at a time" },
	{ SHINY_PLUGIN_STATEFUL, "stateful: what it holds only in memory is lost with its worker" },
};

static void send_line(int to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One line. */
static void send_line(int to, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	dprintf(to, "%s\n", printable(text));
	g_free(text);
}

/* The name for "plugin =" comes first: the plugin may call itself something else. */
static void print_summary(const char *name, const struct plugin *plugin, int to)
{
	const struct shiny_plugin *info = &plugin->info;
	char *itself = g_strdup_printf("%s %s", info->name, info->version);

	send_line(to, "%-16s %-18s %s", name, itself, info->summary != NULL ? info->summary : "");
	g_free(itself);
}

static void print_parameter(const struct shiny_param *param, int to)
{
	char type[SHINY_ERROR_MAX];

	value_describe(param, type, sizeof(type));
	send_line(to, "%s", "");
	send_line(to, "  %s = %s", param->key, type);
	if (param->help != NULL) {
		send_line(to, "      %s", param->help);
	}
	if (param->required) {
		send_line(to, "      required");
	} else if (param->default_value != NULL && param->type != SHINY_TYPE_SECRET) {
		send_line(to, "      default: %s", param->default_value);
	}
}

static void print_description(const struct plugin *plugin, int to)
{
	const struct shiny_plugin *info = &plugin->info;

	send_line(to, "%s %s (ABI %u)", info->name, info->version, info->abi);
	if (info->summary != NULL) {
		send_line(to, "%s", info->summary);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
		if ((info->flags & flags[i].flag) != 0) {
			send_line(to, "%s", flags[i].meaning);
		}
	}
	for (size_t i = 0; i < plugin->n_keys; i++) {
		print_parameter(&plugin->keys[i].param, to);
	}
}

int inspect_run(const struct description *description)
{
	const int to = LAUNCH_CHANNEL;
	struct plugin plugin;
	char error[TRUST_ERROR_MAX];

	if (confine(description, error) < 0 ||
	    (description->started_by_root && rpath_check(description->path, error) < 0) ||
	    plugin_load(description->path, &plugin, error) < 0) {
		dprintf(to, "%s%c", error, ENDED_BADLY);
		return EXIT_CODE_PLUGIN;
	}
	if (description->kind == DESCRIPTION_SUMMARY) {
		print_summary(description->name, &plugin, to);
	} else {
		print_description(&plugin, to);
	}
	dprintf(to, "%c", ENDED_WELL);
	plugin_finish(&plugin);
	return EXIT_CODE_OK;
}

static void print_reason(const char *path, const char *reason, FILE *to)
{
	print_message(to, "%s: %s", path, reason);
}

/* Removes and returns the last byte that the child wrote. */
static char take_end(GString *text)
{
	char end = text->len > 0 ? text->str[text->len - 1] : '\0';

	if (end == ENDED_WELL || end == ENDED_BADLY) {
		g_string_truncate(text, text->len - 1);
		return end;
	}
	return '\0';
}

static int start(const struct description *description, struct subprocess *ret)
{
	char *title = g_strdup_printf("look at %s", description->path);
	int r = subprocess_start(description, title, ret);

	g_free(title);
	return r;
}

/* Prints to stdout, or the reason why not to @errors; returns whether it could. */
static bool inspect_file(const struct description *description, FILE *errors)
{
	const char *path = description->path;
	struct subprocess subprocess;
	char reason[TRUST_ERROR_MAX];
	char end;
	int r, status;

	if (trust_check_as_root(path, reason) < 0) {
		print_reason(path, reason, errors);
		return false;
	}
	r = start(description, &subprocess);
	if (r < 0) {
		print_reason(path, strerror(-r), errors);
		return false;
	}
	subprocess_wait(&subprocess);
	end = take_end(subprocess.text);
	if (end == ENDED_WELL) {
		fputs(subprocess.text->str, stdout);
	} else if (end == ENDED_BADLY) {
		print_reason(path, subprocess.text->str, errors);
	}
	subprocess_log_output(&subprocess, path);
	status = subprocess_finish(&subprocess);
	if (end == '\0') {
		subprocess_explain(&subprocess, status, reason);
		print_reason(path, reason, errors);
	}
	return end == ENDED_WELL;
}

static struct description describe(enum description_kind kind, const char *name, const char *path,
				   const struct privileges *privileges)
{
	return (struct description){
		.kind = kind,
		.privileges = *privileges,
		.name = name,
		.path = path,
		.identity = file_identity_get(path),
	};
}

static void list_one(const char *path, const struct privileges *privileges)
{
	char *name = plugin_path_name(path);
	struct description description;

	if (name == NULL) {
		print_reason(path,
			     "is found by its path only: names are of a to z, 0 to 9, '_' and '-'",
			     stdout);
		return;
	}
	description = describe(DESCRIPTION_SUMMARY, name, path, privileges);
	inspect_file(&description, stdout);
	g_free(name);
}

static void list_unreadable(char *const *folders)
{
	for (size_t i = 0; folders[i] != NULL; i++) {
		DIR *dir = opendir(folders[i]);

		if (dir == NULL) {
			print_reason(folders[i], strerror(errno), stdout);
		} else {
			closedir(dir);
		}
	}
}

enum exit_code inspect_list(char *const *folders, const struct privileges *privileges)
{
	char **files = plugin_path_list(folders);

	for (size_t i = 0; files[i] != NULL; i++) {
		list_one(files[i], privileges);
	}
	list_unreadable(folders);
	g_strfreev(files);
	return EXIT_CODE_OK;
}

enum exit_code inspect_describe(const char *name, char *const *folders,
				const struct privileges *privileges)
{
	char error[SHINY_ERROR_MAX];
	char *path = plugin_path_find(folders, name, error);
	struct description description;
	bool well = false;

	if (path == NULL) {
		print_message(stderr, "%s", error);
	} else {
		description = describe(DESCRIPTION_DESCRIBE, "", path, privileges);
		well = inspect_file(&description, stderr);
	}
	g_free(path);
	return well ? EXIT_CODE_OK : EXIT_CODE_PLUGIN;
}
