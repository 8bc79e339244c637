/* SPDX-License-Identifier: MIT */
/*
 * The keys of shinyd.ini that are shinyd's own: one row says all there is to know of a key.
 *
 * The reader, the messages and shinyd.ini(5) follow these tables. Values are kept in arrays of the
 * same order, so that the enums below name both a row and its value.
 */
#ifndef SHINYD_KEYS_H
#define SHINYD_KEYS_H

#include <shiny-plugin.h>
#include <stdbool.h>

#define KEY_LIVE    (1u << 0) /* a reload applies it without replacing a worker */
#define KEY_REPEATS (1u << 1) /* may stand several times in a section */

struct key {
	struct shiny_param param;
	unsigned flags;
};

/* [shinyd] */
enum daemon_key {
	DAEMON_USER,
	DAEMON_LOG_LEVEL,
	DAEMON_LOG_TARGET,
	DAEMON_PLUGIN_PATH,
	DAEMON_DRAIN_TIMEOUT,
	DAEMON_INCLUDE,
	DAEMON_STATUS_SOCKET,
	DAEMON_KEY_MAX
};

/* [server NAME] */
enum server_key {
	SERVER_PLUGIN,
	SERVER_LISTEN,
	SERVER_WORKERS,
	SERVER_MAX_CONNECTIONS,
	SERVER_IDLE_TIMEOUT,
	SERVER_STALL_TIMEOUT,
	SERVER_MAX_INPUT,
	SERVER_MAX_OUTPUT,
	SERVER_HIGH_WATER,
	SERVER_LOW_WATER,
	SERVER_BACKLOG,
	SERVER_UNIX_MODE,
	SERVER_REUSE_PORT,
	SERVER_WATCHDOG,
	SERVER_ON_CRASH,
	SERVER_ON_RELOAD,
	SERVER_MEMORY,
	SERVER_LOG_RATE,
	SERVER_PROXY_FROM,
	SERVER_KEY_MAX
};

/* Either of them, for arrays that serve both. */
#define CONFIG_KEY_MAX SERVER_KEY_MAX

/* The choices of on_crash, in their order. */
enum on_crash {
	ON_CRASH_RESTART,
	ON_CRASH_STOP,
	ON_CRASH_MAX
};

/* The choices of on_reload, in their order. */
enum on_reload {
	ON_RELOAD_KEEP,
	ON_RELOAD_REPLACE,
	ON_RELOAD_MAX
};

extern const struct key daemon_keys[DAEMON_KEY_MAX];
extern const struct key server_keys[SERVER_KEY_MAX];

/* key_section() - the section of which @name is a key; NULL if of none */
const char *key_section(const char *name);

/* key_reserved() - whether @name is the host's, now or in what ABI 1 may yet become */
bool key_reserved(const char *name);

#endif
