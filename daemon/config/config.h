/* SPDX-License-Identifier: MIT */
/*
 * shinyd.ini as structures: sections, and the values of shinyd's own keys in them.
 *
 * A configuration is read by config-load.c, checked, and then shared by reference: a section that
 * runs keeps the one it was started with. What belongs to a plugin stays text until a probe has
 * asked the plugin itself; see probe.h.
 */
#ifndef SHINYD_CONFIG_H
#define SHINYD_CONFIG_H

#include "config/keys.h"
#include "config/problems.h"
#include "config/settings.h"
#include "process/privileges.h"
#include "trust/file-identity.h"

/* How sections are called in the file: [shinyd], [server NAME]. */
#define CONFIG_DAEMON_TITLE  "shinyd"
#define CONFIG_SERVER_PREFIX "server "

/* What a probe found out about the plugin of a [server] section. NULL if it was not loaded. */
struct plugin_facts {
	char *path;
	char *name;
	char *version;
	struct file_identity identity; /* of its file, as it was checked */
	unsigned flags;		       /* SHINY_PLUGIN_... */
	bool persistent;	       /* says that what it holds survives its worker */
	char *warnings;		       /* a line each; NULL: none */
	char *parameters;	       /* with their values, a line each; see config-dump.h */
};

/* A value that was lowered, as the system does not allow what was set. */
struct adjustment {
	char *value; /* in effect, written as in a file; NULL: what was set is in effect */
	int64_t set; /* the number that was */
	char *reason;
};

struct config_section {
	char *name;			 /* "cache" in [server cache]; "" in [shinyd] */
	char *title;			 /* "server cache" */
	struct source_location location; /* of its first line */
	const struct key *keys;
	size_t n_keys;
	struct settings settings;
	/* By enum daemon_key or enum server_key. */
	struct shiny_value values[CONFIG_KEY_MAX];
	char *proxies; /* the value of proxy_from: all its lines joined; NULL: it is not set */
	struct adjustment adjustments[CONFIG_KEY_MAX];
	struct plugin_facts plugin;
};

/* What the command line says of the configuration, at the start and at each reload. */
struct config_args {
	char *file;
	bool file_is_named; /* and not the installed one by default */
	char **overrides;   /* texts of the form SECTION.KEY=VALUE, ending with NULL; NULL: none */
	char **plugin_path; /* folders that come first, ending with NULL; NULL: none */
};

struct config {
	unsigned references;
	char *file;
	bool unread;		 /* the file itself could not be read */
	bool partial;		 /* it has no more than status_socket */
	struct source **sources; /* the file, what it includes, and the command line */
	size_t n_sources;
	struct config_section *daemon; /* [shinyd], also where the file has none */
	struct config_section **servers;
	size_t n_servers;
	struct privileges privileges; /* of user in [shinyd] */
};

/*
 * config_load() - read a file, the files that it includes, and what the command line sets
 *
 * Never fails: a file that cannot be opened is a problem too. @overrides are texts of the form
 * SECTION.KEY=VALUE, ending with NULL; or NULL. @may_wait is whether @file may be a pipe.
 *
 * Owner:   the caller's, for config_unref(). @problems outlives nothing of it.
 */
struct config *config_load(const char *file, char *const *overrides, bool may_wait,
			   struct problems *problems);

/*
 * config_load_status_socket() - read status_socket only, to ask a shinyd that runs
 *
 * Files that are included are not read, and no pipe is. Other errors in the file are ignored,
 * unless they may be why nothing sets status_socket. Whatever is wrong, there is a value: the
 * default, if not the file's.
 */
struct config *config_load_status_socket(const char *file, char *const *overrides,
					 struct problems *problems);

/* Whoever keeps a part of it has to refer to the whole. */
struct config *config_ref(struct config *config);
void config_unref(struct config *config);

/* config_add_source() - one of that name, which is @config's */
struct source *config_add_source(struct config *config, const char *name);

/* config_section_create() - an empty one; its kind follows from its title */
struct config_section *config_section_create(const char *file, const char *title, unsigned line);
void config_section_destroy(struct config_section *section);

/* config_title_is_server() - whether a section of that title is a [server] */
bool config_title_is_server(const char *title);

/* config_find() - the section of that title, or NULL */
struct config_section *config_find(const struct config *config, const char *title);

/* config_find_server() - the [server] section of that name, or of that title, or NULL */
struct config_section *config_find_server(const struct config *config, const char *name);

/* config_find_named() - by "shinyd", "cache" or "server cache", as options do; or NULL */
struct config_section *config_find_named(const struct config *config, const char *name);

/* config_explain_missing() - why there is no server of that name, in words, for g_free() */
char *config_explain_missing(const struct config *config, const char *name);

/* config_setting() - the first setting of @key (of the section's enum); NULL: it is not set */
const struct setting *config_setting(const struct config_section *section, unsigned key);

/* config_find_listen() - the first "listen =" that is @address, however written; or NULL */
const struct setting *config_find_listen(const struct config_section *section, const char *address);

/* config_location() - the location of that setting; or of the section, if it is not set */
struct source_location config_location(const struct config_section *section, unsigned key);

/* config_take_live() - take over the values of live keys from @from */
void config_take_live(struct config_section *section, const struct config_section *from);

/* config_join_proxies() - make one list of all lines of proxy_from */
void config_join_proxies(struct config_section *server);

/* config_adjust() - put @number in effect for @key (of the section's enum), for that @reason */
void config_adjust(struct config_section *section, unsigned key, int64_t number, const char *reason,
		   ...) __attribute__((format(printf, 4, 5)));

#endif
