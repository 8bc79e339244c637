/* SPDX-License-Identifier: MIT */
/*
 * Where plugins are searched: folders in order; the first that has NAME.so wins.
 */
#ifndef SHINYD_PLUGIN_PATH_H
#define SHINYD_PLUGIN_PATH_H

/*
 * plugin_path_create() - the folders, as a vector that ends with NULL
 *
 * In order: @first (from the command line, may be NULL); those of @configured (with colons between
 * them), or, if that is NULL, those of the environment's SHINYD_PLUGIN_PATH and the one that was
 * compiled in.
 *
 * Owner:   the caller's, for g_strfreev().
 */
char **plugin_path_create(char *const *first, const char *configured);

/*
 * plugin_path_find() - the file of a plugin
 *
 * @name is a name to be looked up, or an absolute path, which is taken as it is.
 *
 * Owner:   the result is the caller's, for g_free().
 * Returns: NULL with the reason in @error (SHINY_ERROR_MAX bytes) if there is none.
 */
char *plugin_path_find(char *const *folders, const char *name, char *error);

/* plugin_path_name() - by what name @path is found, for g_free(); NULL if by none */
char *plugin_path_name(const char *path);

/*
 * plugin_path_list() - the files of all plugins, those of the first folder first
 *
 * Without those that have the name of one in an earlier folder; with those that have no name.
 *
 * Owner:   the caller's, for g_strfreev().
 */
char **plugin_path_list(char *const *folders);

#endif
