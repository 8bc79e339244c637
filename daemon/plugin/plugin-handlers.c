/* SPDX-License-Identifier: MIT */
/*
 * The event functions of a plugin, found and checked: one row a function.
 */
#include "plugin/plugin-handlers.h"

#include <dlfcn.h>
#include <stddef.h>

/* ISO C converts no function pointer to an object's: POSIX wants it, and it goes through memory. */
static const struct event_function {
	const char *name; /* exported, and the member's */
	size_t offset;	  /* in struct shiny_handlers */
} event_functions[] = {
	{ "handle", offsetof(struct shiny_handlers, handle) },
	{ "accept", offsetof(struct shiny_handlers, accept) },
	{ "closed", offsetof(struct shiny_handlers, closed) },
	{ "tick", offsetof(struct shiny_handlers, tick) },
};

#define EVENT_FUNCTIONS (sizeof(event_functions) / sizeof(event_functions[0]))

_Static_assert(
	sizeof(struct shiny_handlers) == EVENT_FUNCTIONS * sizeof(void *),
	"a plugin's struct shiny_handlers has four functions, whatever header it was built with");

static void **member_of(struct shiny_handlers *handlers, const struct event_function *function)
{
	return (void **)(void *)((char *)handlers + function->offset);
}

/*
 * dlsym(3) also searches the libraries of the plugin: it would find libc's accept for a plugin that
 * has none.
 */
static void *own_symbol(const struct plugin *plugin, const char *name)
{
	void *symbol = dlsym(plugin->object, name);

	return symbol != NULL && plugin_base_of(symbol) == plugin->base ? symbol : NULL;
}

/* What a plugin exports instead of handle if it does not use the header as it is meant. */
static const struct {
	const char *symbol;
	const char *remedy;
} mistakes[] = {
	{ "on_handle", "include <shiny-plugin.h> where on_handle is defined" },
	{ "_Z9on_handleP10shiny_connPKcmPv",
	  "include <shiny-plugin.h>, which makes it extern \"C\"" },
	{ "_Z6handleP10shiny_connPKcmPv", "C++ mangled it: name it on_handle" },
};

static int explain_no_handle(const struct plugin *plugin, char *error)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		if (own_symbol(plugin, mistakes[i].symbol) != NULL) {
			return plugin_refuse(error, "exports %s instead of handle: %s",
					     mistakes[i].symbol, mistakes[i].remedy);
		}
	}
	return plugin_refuse(error, "exports no handle: define on_handle, or set .handlers");
}

static int find_exported(struct plugin *plugin, char *error)
{
	for (size_t i = 0; i < EVENT_FUNCTIONS; i++) {
		*member_of(&plugin->handlers, &event_functions[i]) =
			own_symbol(plugin, event_functions[i].name);
	}
	return plugin->handlers.handle != NULL ? 0 : explain_no_handle(plugin, error);
}

static int check_none_exported(const struct plugin *plugin, char *error)
{
	for (size_t i = 0; i < EVENT_FUNCTIONS; i++) {
		const char *name = event_functions[i].name;

		if (own_symbol(plugin, name) != NULL) {
			return plugin_refuse(error,
					     "sets .handlers and exports %s, too: drop one of them",
					     name);
		}
	}
	return 0;
}

/* A function of the plugin's own, or none. */
static int check_function(const struct plugin *plugin, const char *name, const void *function,
			  char *error)
{
	Dl_info info;

	if (function == NULL || plugin_base_of(function) == plugin->base) {
		return 0;
	}
	if (dladdr(function, &info) == 0) {
		return plugin_refuse(error, "its .handlers' %s points to no function", name);
	}
	return plugin_refuse(error,
			     "its .handlers' %s is a function of %.120s: it must be one of its own",
			     name, info.dli_fname);
}

static int copy_pointers(struct plugin *plugin, char *error)
{
	int r = 0;

	if (plugin_base_of(plugin->info.handlers) != plugin->base) {
		return plugin_refuse(error, "its .handlers points outside of it: make it a static "
					    "const struct shiny_handlers");
	}
	plugin->handlers = *plugin->info.handlers;
	if (plugin->handlers.handle == NULL) {
		return plugin_refuse(error, "its .handlers has no handle");
	}
	for (size_t i = 0; r == 0 && i < EVENT_FUNCTIONS; i++) {
		r = check_function(plugin, event_functions[i].name,
				   *member_of(&plugin->handlers, &event_functions[i]), error);
	}
	return r;
}

int plugin_find_handlers(struct plugin *plugin, char *error)
{
	int r;

	if (plugin->info.handlers == NULL) {
		return find_exported(plugin, error);
	}
	r = check_none_exported(plugin, error);
	return r < 0 ? r : copy_pointers(plugin, error);
}
