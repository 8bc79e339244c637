/* SPDX-License-Identifier: MIT */
/*
 * A protocol as a shared object that shinyd loads: the plugin ABI.
 *
 * A plugin defines some of on_handle, on_accept, on_closed and on_tick (see struct shiny_handlers;
 * on_handle is required) and one const struct shiny_plugin named shiny_plugin. The smallest:
 *
 *     #include <shiny-plugin.h>
 *
 *     bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
 *     {
 *             return shiny_write(conn, data, len) == 0;
 *     }
 *
 *     const struct shiny_plugin shiny_plugin = {
 *             SHINY_PLUGIN_HEAD,
 *             .name = "echo",
 *             .version = "1.0",
 *     };
 *
 *     cc -shared -fPIC -o echo.so echo.c $(pkg-config --cflags --libs shiny-plugin)
 *
 * The functions are exported under the bare names handle, accept, closed and tick. They have other
 * names in C because <sys/socket.h> owns accept; a plugin that itself needs accept(2) calls
 * accept4(2), lest the linker bind the call to its own on_accept. A plugin that would rather export
 * nothing but shiny_plugin points to its functions: see handlers below.
 *
 * Child processes: what struct shiny_handlers says of fork(2) holds for load, check, commit and the
 * plugin's own threads, too. The plugin waits for its child by its pid. A child calls nothing of
 * struct shiny_host. It outlives the worker unless the plugin ends it in unload; when the worker is
 * killed nobody does, so a child that must not be left over asks for that itself (on Linux with
 * PR_SET_PDEATHSIG). A child that crashes is not in shinyd's log.
 *
 * Backtraces: when a worker crashes, the log has its frames as "echo.so+0x11d9 (handle+0x29)", the
 * innermost first; libc's at the front belongs to the signal. If the plugin was built with -g,
 * addr2line(1) gives the line of such an offset in the file that ran, and what was inlined there:
 *
 *     addr2line -Cfipe echo.so 0x11d9
 *
 * The frame of a fault is the instruction itself. All others are where a call returns to: one less,
 * 0x11d8, is in the call.
 */
#ifndef SHINY_PLUGIN_H
#define SHINY_PLUGIN_H

#include "shiny.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Changes only when a plugin built before can no longer be served; then it is refused by name. */
#define SHINY_PLUGIN_ABI 1

/* Room for the one line in which check and load say what is wrong. */
#define SHINY_ERROR_MAX 256

#ifndef __USER_LABEL_PREFIX__
#define __USER_LABEL_PREFIX__
#endif
#define SHINY_STRING_(x) #x
#define SHINY_STRING(x)	 SHINY_STRING_(x)
#define SHINY_EXPORT_AS(name) \
	__asm__(SHINY_STRING(__USER_LABEL_PREFIX__) name) __attribute__((visibility("default")))

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
	SHINY_EXPORT_AS("handle");
bool on_accept(struct shiny_conn *conn, void *ctx) SHINY_EXPORT_AS("accept");
void on_closed(struct shiny_conn *conn, int error, void *ctx) SHINY_EXPORT_AS("closed");
bool on_tick(void *ctx) SHINY_EXPORT_AS("tick");

enum shiny_type {
	SHINY_TYPE_BOOL,     /* yes, no */
	SHINY_TYPE_INTEGER,  /* 42 */
	SHINY_TYPE_SIZE,     /* 512, 64K, 1M, 2G: bytes */
	SHINY_TYPE_DURATION, /* 250ms, 10s, 5m, 2h, 1d: milliseconds; a bare 0 is 0 */
	SHINY_TYPE_STRING,
	SHINY_TYPE_PATH,   /* absolute */
	SHINY_TYPE_ENUM,   /* one of choices */
	SHINY_TYPE_SECRET, /* a string that is never printed */
	SHINY_TYPE_MAX
};

/*
 * A key that the plugin's [server] section may hold. A table of them ends with a NULL key. One that
 * no value can be right for is refused as the plugin is looked at: one with a min above its max (a
 * min alone is one above a max of 0), without choices, or required and with a default.
 */
struct shiny_param {
	const char *key;
	enum shiny_type type;
	bool required;
	const char *default_value; /* the default, written as in the ini; NULL: none */
	int64_t min, max; /* bounds of a number in its unit (bytes, milliseconds); both 0: none */
	const char *const *choices; /* for SHINY_TYPE_ENUM; ends with NULL */
	const char *help;	    /* one line for --describe */
};

/* What a key was set to, or its default. Values stand in the order of the table of parameters. */
struct shiny_value {
	int64_t number; /* bool 0 or 1, integer, bytes, milliseconds, or the index of the choice */
	const char *text; /* string, path, secret, choice; NULL if not set and without default */
};

enum shiny_log_level {
	SHINY_LOG_DEBUG,
	SHINY_LOG_INFO,
	SHINY_LOG_NOTICE,
	SHINY_LOG_WARNING,
	SHINY_LOG_ERROR,
	SHINY_LOG_LEVEL_MAX
};

/* What the host offers. Valid from load until unload returns. */
struct shiny_host {
	size_t size;
	struct shiny_server
		*server;     /* for shiny_server_wake(), shiny_server_stop(), shiny_server_find() */
	const char *section; /* NAME of [server NAME] */
	/* One line to the daemon's log, under the section's name. From any thread. */
	void (*log)(const struct shiny_host *host, enum shiny_log_level level, const char *text);
	const struct shiny_stats *stats; /* what the server counts */
	unsigned max_connections;	 /* that it takes at most; 0: as many as there are */
	size_t stats_size;		 /* bytes of stats: see SHINY_HOST_COUNTS() */
	/*
	 * The plugin refuses its service, or part of it, and why, in one line; NULL: it is well
	 * again. Goes into the log once it changes, and stays in the daemon's status. From any
	 * thread, from load on.
	 */
	void (*degraded)(const struct shiny_host *host, const char *text);
};

/* SHINY_HOST_HAS() - whether a host, which may be older than the plugin, has that member */
#define SHINY_HOST_HAS(host, member) \
	((host)->size >= offsetof(struct shiny_host, member) + sizeof((host)->member))

/* SHINY_HOST_COUNTS() - whether the stats of a host that has stats have that counter */
#define SHINY_HOST_COUNTS(host, counter)                                                     \
	((SHINY_HOST_HAS(host, stats_size) ? (host)->stats_size : SHINY_STATS_SIZE_FIRST) >= \
	 offsetof(struct shiny_stats, counter) + sizeof((host)->stats->counter))

/* At most one process at a time may run the section: its state or files have one owner. */
#define SHINY_PLUGIN_EXCLUSIVE (1u << 0)
/* What the plugin holds in memory is lost when its process ends. */
#define SHINY_PLUGIN_STATEFUL (1u << 1)

struct shiny_plugin {
	unsigned abi;	   /* SHINY_PLUGIN_ABI */
	size_t size;	   /* sizeof(struct shiny_plugin) */
	size_t param_size; /* sizeof(struct shiny_param) */

	const char *name;    /* as the ini names it: [a-z0-9-], and no blanks in any case */
	const char *version; /* the plugin's own */
	const char *summary; /* one line */
	unsigned flags;

	const struct shiny_param *parameters; /* NULL: none */

	/*
	 * Checks values that are right one by one but not together. No side effects: it runs under
	 * --check and before a reload. Returns 0, or negative with one line in @error (of
	 * SHINY_ERROR_MAX bytes). A positive number is no success either, here and below.
	 *
	 * A line that begins with a parameter's name is shown with the place where that is set. A
	 * value that was wrong by itself, which is reported already, has its default here.
	 */
	int (*check)(const struct shiny_value *values, char *error);

	/*
	 * Before the first connection, in the process that will serve: opens files, allocates.
	 * *@ret_ctx is what the event functions get. @values and @host live until unload. Returns
	 * 0, or negative with one line in @error: then the section has failed, and is tried again
	 * only if it has served before.
	 */
	int (*load)(const struct shiny_host *host, const struct shiny_value *values, char *error,
		    void **ret_ctx);

	/* After the last connection's closed call. */
	void (*unload)(void *ctx);

	/*
	 * See struct shiny_options. A plugin that has one and finds in load that it will not need it
	 * says so: shiny_server_set_commit(host->server, NULL).
	 */
	int (*commit)(void *ctx);

	/*
	 * For SHINY_PLUGIN_STATEFUL: whether, with these values, all that it holds comes back in
	 * the next process. If so a reload may replace the worker. NULL: it does not. No side
	 * effects, as check.
	 */
	bool (*persistent)(const struct shiny_value *values);

	/*
	 * The event functions, for a plugin that points to them instead of exporting them; NULL: it
	 * exports them. Both is an error. It and they are in the plugin's own object, and handle is
	 * required here, too.
	 */
	const struct shiny_handlers *handlers;
};

#define SHINY_PLUGIN_HEAD                                             \
	.abi = SHINY_PLUGIN_ABI, .size = sizeof(struct shiny_plugin), \
	.param_size = sizeof(struct shiny_param)

extern const struct shiny_plugin shiny_plugin __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif

#endif
