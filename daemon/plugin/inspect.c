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
#include "log/log.h"
#include "plugin/plugin-path.h"
#include "plugin/plugin.h"
#include "plugin/rpath.h"
#include "process/subprocess.h"
#include "process/syscall-filter.h"
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

/* What the child is to do. */
struct task {
	const char *path;
	const char *name; /* by which it is listed; NULL: it is not */
	const struct privileges *privileges;
	bool started_by_root; /* whoever the child runs as */
	void (*print)(const struct task *task, const struct plugin *plugin, int to);
};

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
static void print_summary(const struct task *task, const struct plugin *plugin, int to)
{
	const struct shiny_plugin *info = &plugin->info;
	char *itself = g_strdup_printf("%s %s", info->name, info->version);

	send_line(to, "%-16s %-18s %s", task->name, itself,
		  info->summary != NULL ? info->summary : "");
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

static void print_description(const struct task *task, const struct plugin *plugin, int to)
{
	const struct shiny_plugin *info = &plugin->info;

	(void)task;
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

static void examine(void *arg, int to)
{
	const struct task *task = arg;
	struct plugin plugin;
	char error[TRUST_ERROR_MAX];

	if (privileges_drop(task->privileges, error) < 0 || syscall_filter_install(error) < 0 ||
	    (task->started_by_root && rpath_check(task->path, error) < 0) ||
	    plugin_load(task->path, &plugin, error) < 0) {
		dprintf(to, "%s%c", error, ENDED_BADLY);
		return;
	}
	task->print(task, &plugin, to);
	dprintf(to, "%c", ENDED_WELL);
	plugin_finish(&plugin);
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

/* Prints to stdout, or the reason why not to @errors; returns whether it could. */
static bool inspect_file(struct task *task, FILE *errors)
{
	struct subprocess subprocess;
	char reason[TRUST_ERROR_MAX];
	char end;
	int r, status;

	if (trust_check_as_root(task->path, reason) < 0) {
		print_reason(task->path, reason, errors);
		return false;
	}
	r = subprocess_start(examine, task, &subprocess);
	if (r < 0) {
		print_reason(task->path, strerror(-r), errors);
		return false;
	}
	subprocess_wait(&subprocess);
	end = take_end(subprocess.text);
	if (end == ENDED_WELL) {
		fputs(subprocess.text->str, stdout);
	} else if (end == ENDED_BADLY) {
		print_reason(task->path, subprocess.text->str, errors);
	}
	status = subprocess_finish(&subprocess);
	if (end == '\0') {
		subprocess_explain(&subprocess, status, reason);
		print_reason(task->path, reason, errors);
	}
	return end == ENDED_WELL;
}

static void list_one(const char *path, const struct privileges *privileges)
{
	char *name = plugin_path_name(path);
	struct task task = { path, name, privileges, geteuid() == 0, print_summary };

	if (name == NULL) {
		print_reason(path,
			     "is found by its path only: names are of a to z, 0 to 9, '_' and '-'",
			     stdout);
	} else {
		inspect_file(&task, stdout);
	}
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
	struct task task = { path, NULL, privileges, geteuid() == 0, print_description };
	bool well = false;

	if (path == NULL) {
		print_message(stderr, "%s", error);
	} else {
		well = inspect_file(&task, stderr);
	}
	g_free(path);
	return well ? EXIT_CODE_OK : EXIT_CODE_PLUGIN;
}
