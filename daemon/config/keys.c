/* SPDX-License-Identifier: MIT */
/*
 * The tables of shinyd's own keys, and the names that no plugin's parameter may have.
 */
#include "config/keys.h"

#include <glib.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#define GIB	(INT64_C(1) << 30)
#define DAY	(INT64_C(24) * 60 * 60 * 1000) /* milliseconds */

#define FOREVER (24 * DAY) /* as many whole days as fit an int */

static const char *const log_levels[] = {
	[SHINY_LOG_DEBUG] = "debug",	 [SHINY_LOG_INFO] = "info",   [SHINY_LOG_NOTICE] = "notice",
	[SHINY_LOG_WARNING] = "warning", [SHINY_LOG_ERROR] = "error", [SHINY_LOG_LEVEL_MAX] = NULL,
};

/* Choices and no numbers, as "660" and "0660" would differ; only these three make sense. */
static const char *const unix_modes[] = { "600", "660", "666", NULL };

static const char *const crash_choices[] = {
	[ON_CRASH_RESTART] = "restart",
	[ON_CRASH_STOP] = "stop",
	[ON_CRASH_MAX] = NULL,
};

static const char *const reload_choices[] = {
	[ON_RELOAD_KEEP] = "keep",
	[ON_RELOAD_REPLACE] = "replace",
	[ON_RELOAD_MAX] = NULL,
};

const struct key daemon_keys[DAEMON_KEY_MAX] = {
	[DAEMON_USER] = {
		.param = {
			.key = "user",
			.type = SHINY_TYPE_STRING,
			.help = "whom workers run as when shinyd is started as root",
		},
	},
	[DAEMON_LOG_LEVEL] = {
		.param = {
			.key = "log_level",
			.type = SHINY_TYPE_ENUM,
			.default_value = "info",
			.choices = log_levels,
			.help = "the least level that is logged",
		},
		.flags = KEY_LIVE,
	},
	[DAEMON_LOG_TARGET] = {
		.param = {
			.key = "log_target",
			.type = SHINY_TYPE_STRING,
			.default_value = "auto",
			.help = "auto (stderr, with the journal's prefixes if it is the "
				"journal), stderr, or a file's absolute path",
		},
		.flags = KEY_LIVE,
	},
	[DAEMON_PLUGIN_PATH] = {
		.param = {
			.key = "plugin_path",
			.type = SHINY_TYPE_PATH,
			.help = "folders where plugins are looked for, with colons between them",
		},
	},
	[DAEMON_DRAIN_TIMEOUT] = {
		.param = {
			.key = "drain_timeout",
			.type = SHINY_TYPE_DURATION,
			.default_value = "10s",
			.max = FOREVER,
			.help = "how long connections may take to end when a worker is stopped",
		},
		.flags = KEY_LIVE,
	},
	[DAEMON_INCLUDE] = {
		.param = {
			.key = "include",
			.type = SHINY_TYPE_STRING,
			.help = "files with further [server] sections, as conf.d/*.ini",
		},
		.flags = KEY_LIVE | KEY_REPEATS,
	},
	[DAEMON_STATUS_SOCKET] = {
		.param = {
			.key = "status_socket",
			.type = SHINY_TYPE_PATH,
			.default_value = "/run/shinyd/status.sock",
			.help = "where shinyd --status asks",
		},
		.flags = KEY_LIVE,
	},
};

const struct key server_keys[SERVER_KEY_MAX] = {
	[SERVER_PLUGIN] = {
		.param = {
			.key = "plugin",
			.type = SHINY_TYPE_STRING,
			.required = true,
			.help = "the plugin's name, or its file's absolute path",
		},
	},
	[SERVER_LISTEN] = {
		.param = {
			.key = "listen",
			.type = SHINY_TYPE_STRING,
			.required = true,
			.help = "an address to serve; may stand several times",
		},
		.flags = KEY_REPEATS,
	},
	[SERVER_WORKERS] = {
		.param = {
			.key = "workers",
			.type = SHINY_TYPE_INTEGER,
			.default_value = "1",
			.min = 1,
			.max = 1024,
			.help = "processes that share the addresses",
		},
	},
	[SERVER_MAX_CONNECTIONS] = {
		.param = {
			.key = "max_connections",
			.type = SHINY_TYPE_INTEGER,
			.default_value = "0",
			.max = INT_MAX,
			.help = "of all workers together; more are closed at once; 0: what the "
				"descriptor limit allows",
		},
	},
	[SERVER_IDLE_TIMEOUT] = {
		.param = {
			.key = "idle_timeout",
			.type = SHINY_TYPE_DURATION,
			.default_value = "0",
			.max = FOREVER,
			.help = "no byte in or out for so long ends a connection; 0: never",
		},
	},
	[SERVER_STALL_TIMEOUT] = {
		.param = {
			.key = "stall_timeout",
			.type = SHINY_TYPE_DURATION,
			.default_value = "0",
			.max = FOREVER,
			.help = "replies that the peer does not take for so long end a "
				"connection; 0: never",
		},
	},
	[SERVER_MAX_INPUT] = {
		.param = {
			.key = "max_input",
			.type = SHINY_TYPE_SIZE,
			.default_value = "1G",
			.min = 1,
			.max = PTRDIFF_MAX,
			.help = "the longest request that is put together in memory",
		},
	},
	[SERVER_MAX_OUTPUT] = {
		.param = {
			.key = "max_output",
			.type = SHINY_TYPE_SIZE,
			.default_value = "64M",
			.min = 1,
			.max = PTRDIFF_MAX,
			.help = "unsent bytes at which a connection is ended",
		},
	},
	[SERVER_HIGH_WATER] = {
		.param = {
			.key = "high_water",
			.type = SHINY_TYPE_SIZE,
			.default_value = "256K",
			.min = 1,
			.max = GIB,
			.help = "unsent bytes above which a connection is not read",
		},
	},
	[SERVER_LOW_WATER] = {
		.param = {
			.key = "low_water",
			.type = SHINY_TYPE_SIZE,
			.max = GIB,
			.help = "unsent bytes below which it is read again; a quarter of "
				"high_water if not set",
		},
	},
	[SERVER_BACKLOG] = {
		.param = {
			.key = "backlog",
			.type = SHINY_TYPE_INTEGER,
			.default_value = "4096",
			.min = 1,
			.max = INT_MAX,
			.help = "connections that wait to be accepted; the system may allow fewer",
		},
	},
	[SERVER_UNIX_MODE] = {
		.param = {
			.key = "unix_mode",
			.type = SHINY_TYPE_ENUM,
			.choices = unix_modes,
			.help = "permissions of unix sockets; the umask's if not set",
		},
	},
	[SERVER_REUSE_PORT] = {
		.param = {
			.key = "reuse_port",
			.type = SHINY_TYPE_BOOL,
			.default_value = "no",
			.help = "let other programs listen on the same port",
		},
	},
	[SERVER_WATCHDOG] = {
		.param = {
			.key = "watchdog",
			.type = SHINY_TYPE_DURATION,
			.default_value = "10s",
			.max = FOREVER,
			.help = "a worker that hangs for so long (at least 2s) is killed; 0: never",
		},
		.flags = KEY_LIVE,
	},
	[SERVER_ON_CRASH] = {
		.param = {
			.key = "on_crash",
			.type = SHINY_TYPE_ENUM,
			.default_value = "restart",
			.choices = crash_choices,
			.help = "whether a worker that crashed is started again",
		},
		.flags = KEY_LIVE,
	},
	[SERVER_ON_RELOAD] = {
		.param = {
			.key = "on_reload",
			.type = SHINY_TYPE_ENUM,
			.default_value = "keep",
			.choices = reload_choices,
			.help = "whether a reload may cost what the plugin holds in memory only",
		},
		.flags = KEY_LIVE,
	},
	[SERVER_MEMORY] = {
		.param = {
			.key = "memory",
			.type = SHINY_TYPE_SIZE,
			.default_value = "0",
			.max = INT64_MAX,
			.help = "the most that a worker may allocate; 0: no limit",
		},
	},
	[SERVER_LOG_RATE] = {
		.param = {
			.key = "log_rate",
			.type = SHINY_TYPE_INTEGER,
			.default_value = "100",
			.max = INT_MAX / 1000,
			.help = "lines a second that it may log, of 256 bytes; 0: any number",
		},
		.flags = KEY_LIVE,
	},
	[SERVER_PROXY_FROM] = {
		.param = {
			.key = "proxy_from",
			.type = SHINY_TYPE_STRING,
			.help = "proxies whose PROXY header tells who the peer is, as 127.0.0.1, "
				"10.0.0.0/8, unix; may stand several times",
		},
		.flags = KEY_REPEATS,
	},
};

/* Further names that a plugin's parameter may not have. */
static const char *const reserved[] = {
	"proxy_protocol",
	NULL,
};

static bool stands_in(const char *name, const struct key *keys, size_t n_keys)
{
	for (size_t i = 0; i < n_keys; i++) {
		if (strcmp(keys[i].param.key, name) == 0) {
			return true;
		}
	}
	return false;
}

const char *key_section(const char *name)
{
	if (stands_in(name, daemon_keys, DAEMON_KEY_MAX)) {
		return "[shinyd]";
	}
	return stands_in(name, server_keys, SERVER_KEY_MAX) ? "[server NAME]" : NULL;
}

bool key_reserved(const char *name)
{
	return g_strv_contains(reserved, name) || key_section(name) != NULL;
}
