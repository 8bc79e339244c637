/* SPDX-License-Identifier: MIT */
/*
 * A plugin in this process: loaded, checked, and described in the host's own terms.
 *
 * The steps of plugin_load() stand in their order below, the mapping first. Nothing is called
 * before the last of them is done, and abi and size are read before any other field.
 */
#include "plugin/plugin.h"

#include "config/value.h"
#include "plugin/elf-check.h"
#include "plugin/plugin-handlers.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each plugin of ABI 1 has at least. */
#define INFO_SIZE_MIN  (offsetof(struct shiny_plugin, commit) + sizeof(int (*)(void *)))
#define PARAM_SIZE_MIN (offsetof(struct shiny_param, help) + sizeof(const char *))

int plugin_refuse(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, SHINY_ERROR_MAX, format, args);
	va_end(args);
	return -ENOEXEC;
}

/* The linker's reason begins with the path if it is about the file itself. */
static const char *without_path(const char *reason, const char *path)
{
	size_t len = strlen(path);

	return strncmp(reason, path, len) == 0 ? reason + len + strspn(reason + len, ": ") : reason;
}

static int map_object(const char *path, struct plugin *plugin, char *error)
{
	int r = elf_check(path, error);

	if (r < 0) {
		return r;
	}
	plugin->object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (plugin->object == NULL) {
		return plugin_refuse(error, "%s", without_path(dlerror(), path));
	}
	return 0;
}

const void *plugin_base_of(const void *symbol)
{
	Dl_info info;

	return dladdr(symbol, &info) != 0 ? info.dli_fbase : NULL;
}

static int check_abi(const struct shiny_plugin *theirs, char *error)
{
	if (theirs->abi == 0) {
		return plugin_refuse(error, "its shiny_plugin names no ABI: begin it with "
					    "SHINY_PLUGIN_HEAD");
	}
	if (theirs->abi != SHINY_PLUGIN_ABI) {
		return plugin_refuse(
			error,
			"has plugin ABI %u and this shinyd serves ABI %d: build it with "
			"this shinyd's shiny-plugin.h",
			theirs->abi, SHINY_PLUGIN_ABI);
	}
	if (theirs->size < INFO_SIZE_MIN || theirs->param_size < PARAM_SIZE_MIN) {
		return plugin_refuse(error,
				     "its shiny_plugin is smaller than ABI %d's: begin it with "
				     "SHINY_PLUGIN_HEAD",
				     SHINY_PLUGIN_ABI);
	}
	return 0;
}

/* It is one word, as lists have it in columns. */
static int check_name(const char *name, char *error)
{
	for (const char *c = name; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~') {
			return plugin_refuse(
				error, "its name '%.60s' has blanks or what is no printable ASCII",
				name);
		}
	}
	return 0;
}

static int copy_info(struct plugin *plugin, char *error)
{
	const struct shiny_plugin *theirs = dlsym(plugin->object, "shiny_plugin");
	struct shiny_plugin *info = &plugin->info;
	int r;

	if (theirs == NULL) {
		return plugin_refuse(error, "is no plugin: it exports no shiny_plugin");
	}
	r = check_abi(theirs, error);
	if (r < 0) {
		return r;
	}
	plugin->base = plugin_base_of(theirs);
	memcpy(info, theirs, theirs->size < sizeof(*info) ? theirs->size : sizeof(*info));
	if (info->name == NULL || *info->name == '\0' || info->version == NULL) {
		return plugin_refuse(error, "its shiny_plugin has no name or no version");
	}
	return check_name(info->name, error);
}

static bool is_duplicate(const struct plugin *plugin, const char *key)
{
	for (size_t i = 0; i < plugin->n_keys; i++) {
		if (strcmp(plugin->keys[i].param.key, key) == 0) {
			return true;
		}
	}
	return false;
}

static int check_param(const struct plugin *plugin, const struct shiny_param *param, char *error)
{
	char reason[SHINY_ERROR_MAX];

	if (*param->key == '\0' || param->key[strspn(param->key, PLUGIN_KEY_CHARACTERS)] != '\0') {
		return plugin_refuse(error, "its parameter '%.60s' has a name no key can have",
				     param->key);
	}
	if (key_reserved(param->key)) {
		return plugin_refuse(error,
				     "its parameter '%s' has the name of a key of shinyd's own",
				     param->key);
	}
	if (is_duplicate(plugin, param->key)) {
		return plugin_refuse(error, "its parameter '%.60s' stands twice", param->key);
	}
	if (value_check(param, reason) < 0) {
		return plugin_refuse(error, "its parameter '%.60s' %s", param->key, reason);
	}
	return 0;
}

/* The plugin's rows may be longer or shorter than ours. */
static int copy_parameters(struct plugin *plugin, char *error)
{
	size_t stride = plugin->info.param_size;
	const char *row = (const char *)plugin->info.parameters;

	for (; row != NULL && ((const struct shiny_param *)row)->key != NULL; row += stride) {
		struct key key = { 0 };
		struct key *keys;
		int r;

		memcpy(&key.param, row, stride < sizeof(key.param) ? stride : sizeof(key.param));
		r = check_param(plugin, &key.param, error);
		if (r < 0) {
			return r;
		}
		keys = realloc(plugin->keys, (plugin->n_keys + 1) * sizeof(*keys));
		if (keys == NULL) {
			return plugin_refuse(error, "%s", strerror(ENOMEM));
		}
		keys[plugin->n_keys++] = key;
		plugin->keys = keys;
	}
	return 0;
}

int plugin_load(const char *path, struct plugin *ret_plugin, char *error)
{
	static int (*const steps[])(struct plugin * plugin, char *error) = {
		copy_info,
		plugin_find_handlers,
		copy_parameters,
	};
	struct plugin plugin = { 0 };
	int r = map_object(path, &plugin, error);

	for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
		r = steps[i](&plugin, error);
	}
	if (r < 0) {
		plugin_finish(&plugin);
		return r;
	}
	*ret_plugin = plugin;
	return 0;
}

void plugin_finish(struct plugin *plugin)
{
	free(plugin->keys);
	*plugin = (struct plugin){ 0 };
}

int plugin_result(const char *name, int r, char *error)
{
	if (r > 0 && *error == '\0') {
		snprintf(error, SHINY_ERROR_MAX, "%s returned %d: %s", name, r, strerror(r));
	} else if (r < 0 && *error == '\0') {
		snprintf(error, SHINY_ERROR_MAX, "%s failed without a reason", name);
	}
	return r > 0 ? -r : r;
}
