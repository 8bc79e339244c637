/* SPDX-License-Identifier: MIT */
/*
 * The folders of plugins, searched and listed.
 */
#include "plugin/plugin-path.h"

#include "util/suggest.h"

#include <glib.h>
#include <shiny-plugin.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SUFFIX		".so"
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_-"

static void add_folders(GPtrArray *folders, const char *text)
{
	char **parts = g_strsplit(text, ":", -1);

	for (size_t i = 0; parts[i] != NULL; i++) {
		if (*parts[i] != '\0') {
			g_ptr_array_add(folders, g_strdup(parts[i]));
		}
	}
	g_strfreev(parts);
}

char **plugin_path_create(char *const *first, const char *configured)
{
	GPtrArray *folders = g_ptr_array_new();
	const char *inherited = g_getenv("SHINYD_PLUGIN_PATH");

	for (size_t i = 0; first != NULL && first[i] != NULL; i++) {
		g_ptr_array_add(folders, g_strdup(first[i]));
	}
	if (configured != NULL) {
		add_folders(folders, configured);
	} else {
		add_folders(folders, inherited != NULL ? inherited : "");
		add_folders(folders, SHINYD_PLUGIN_DIR);
	}
	g_ptr_array_add(folders, NULL);
	return (char **)g_ptr_array_free(folders, FALSE);
}

/* "echo" for a file "echo.so", for g_free(); NULL for another kind of file. */
static char *stem(const char *file)
{
	return g_str_has_suffix(file, SUFFIX) ? g_strndup(file, strlen(file) - strlen(SUFFIX))
					      : NULL;
}

static bool is_name(const char *text)
{
	return *text != '\0' && text[strspn(text, NAME_CHARACTERS)] == '\0';
}

char *plugin_path_name(const char *path)
{
	char *file = g_path_get_basename(path);
	char *name = stem(file);

	g_free(file);
	if (name != NULL && !is_name(name)) {
		g_free(name);
		name = NULL;
	}
	return name;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of all plugins in one folder, sorted. */
static GPtrArray *list_names(const char *folder)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *file;

	while (dir != NULL && (file = g_dir_read_name(dir)) != NULL) {
		char *name = stem(file);

		if (name != NULL) {
			g_ptr_array_add(names, name);
		}
	}
	if (dir != NULL) {
		g_dir_close(dir);
	}
	g_ptr_array_sort(names, compare_names);
	return names;
}

char **plugin_path_list(char *const *folders)
{
	GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GPtrArray *files = g_ptr_array_new();

	for (size_t i = 0; folders[i] != NULL; i++) {
		GPtrArray *names = list_names(folders[i]);

		for (size_t j = 0; j < names->len; j++) {
			const char *name = names->pdata[j];

			if (g_hash_table_add(seen, g_strdup(name))) {
				g_ptr_array_add(files,
						g_strdup_printf("%s/%s" SUFFIX, folders[i], name));
			}
		}
		g_ptr_array_free(names, TRUE);
	}
	g_hash_table_destroy(seen);
	g_ptr_array_add(files, NULL);
	return (char **)g_ptr_array_free(files, FALSE);
}

/* Looks for the nearest name of all plugins in all folders. The result is for g_free(). */
static char *suggest_plugin(char *const *folders, const char *name)
{
	char *best = NULL;

	for (size_t i = 0; folders[i] != NULL && best == NULL; i++) {
		GPtrArray *names = list_names(folders[i]);
		struct suggestion near;

		suggestion_init(&near, name);
		for (size_t j = 0; j < names->len; j++) {
			if (is_name(names->pdata[j])) {
				suggestion_offer(&near, names->pdata[j]);
			}
		}
		best = g_strdup(near.best);
		g_ptr_array_free(names, TRUE);
	}
	return best;
}

static void explain_missing(char *const *folders, const char *name, char *error)
{
	char *near = suggest_plugin(folders, name);
	char *searched = g_strjoinv(", ", (char **)folders);

	if (near != NULL) {
		snprintf(error, SHINY_ERROR_MAX, "there is no plugin '%.60s'; did you mean '%s'?",
			 name, near);
	} else {
		snprintf(error, SHINY_ERROR_MAX, "there is no plugin '%.60s' in %s", name,
			 searched);
	}
	g_free(searched);
	g_free(near);
}

char *plugin_path_find(char *const *folders, const char *name, char *error)
{
	if (g_path_is_absolute(name)) {
		return g_strdup(name);
	}
	if (!is_name(name)) {
		snprintf(error, SHINY_ERROR_MAX,
			 "expected a plugin's name or an absolute path, not '%.100s'", name);
		return NULL;
	}
	for (size_t i = 0; folders[i] != NULL; i++) {
		char *path = g_strdup_printf("%s/%s" SUFFIX, folders[i], name);

		if (g_file_test(path, G_FILE_TEST_EXISTS)) {
			return path;
		}
		g_free(path);
	}
	explain_missing(folders, name, error);
	return NULL;
}
