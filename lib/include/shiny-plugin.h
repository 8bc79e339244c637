/* SPDX-License-Identifier: MIT */
/*
 * A protocol as a shared object that shinyd loads: the plugin ABI.
 *
 * A plugin defines some of on_handle, on_accept, on_closed and on_tick (see struct shiny_handlers;
 * on_handle is required [e2e/plugin/refused/no-handle]) and one const struct shiny_plugin named
 * shiny_plugin [e2e/plugin/refused/no-description]. The smallest:
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
 * The functions are exported under the bare names handle, accept, closed and tick. In C they have
 * other names because <sys/socket.h> declares accept. A plugin that itself needs accept(2) calls
 * accept4(2): the linker would bind accept to its own on_accept. A plugin may also export nothing
 * but shiny_plugin, and point to its functions: see handlers below.
 *
 * Child processes: what struct shiny_handlers says of fork(2) also holds for load, check, commit
 * and the plugin's own threads. The plugin waits for its child by its pid. A child calls nothing of
 * struct shiny_host. unload should end it: shinyd kills what a worker leaves behind
 * [e2e/restart/a-crash-leaves-no-process] [e2e/restart/a-stop-leaves-no-process], but not what a
 * shinyd --single does. The crash of a child is not logged [e2e/crash/a-child].
 *
 * Backtraces: when a worker crashes, the log has its frames as "echo.so+0x11d9 (handle+0x29)", the
 * innermost first [e2e/crash/log-names-callback-and-frames]; the frames of libc at the front belong
 * to the signal. For a plugin built with -g, addr2line(1) turns the offset into a line of source,
 * with the functions that were inlined there. It needs the file that ran:
 *
 *     addr2line -Cfipe echo.so 0x11d9
 *
 * The offset of the frame that failed is the failing instruction. The offset of every other frame
 * is where a call returns to: one less, 0x11d8, is in the call.
 *
 * A name in brackets is that of the tests that hold a promise: see shiny.h.
 */
#ifndef SHINY_PLUGIN_H
#define SHINY_PLUGIN_H

#include "shiny.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Changes only when plugins built before can no longer be served. Such a plugin is refused, and the
 * message names both numbers [e2e/plugin/refused/another-abi].
 */
#define SHINY_PLUGIN_ABI 1

/* The size of the buffer for the one line in which check and load say what is wrong. */
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
 * A key that the plugin's section may hold. A table of them ends with a NULL key.
 *
 * A parameter that no value can be right for is refused when the plugin is loaded for a check: a min
 * above the max (if only min is set, max is 0), an enum without choices, a required key with a
 * default [e2e/plugin/refused/parameter].
 */
struct shiny_param {
	const char *key;
	enum shiny_type type;
	bool required;
	const char *default_value; /* as in the ini; NULL: none */
	int64_t min, max; /* bounds of a number in its unit (bytes, milliseconds); both 0: none */
	const char *const *choices; /* for SHINY_TYPE_ENUM; ends with NULL */
	const char *help;	    /* one line for --describe */
};

/*
 * What a key is set to, or its default. Values are in the order of the table of parameters. The
 * structure will never grow, as a plugin indexes an array of it [e2e/abi/first-day].
 */
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

/* What the host offers. It is valid from load until unload returns. */
struct shiny_host {
	size_t size;
	struct shiny_server
		*server;     /* for shiny_server_wake(), shiny_server_stop(), shiny_server_find() */
	const char *section; /* NAME of [server NAME] */
	/* Writes one line to the daemon's log, under the section's name. From any thread. */
	void (*log)(const struct shiny_host *host, enum shiny_log_level level, const char *text);
	const struct shiny_stats *stats; /* what the server counts */
	unsigned max_connections;	 /* of this server; 0: no limit */
	size_t stats_size;		 /* of *stats: see SHINY_HOST_COUNTS() */
	/*
	 * Says in one line why the plugin refuses its service, or a part of it; NULL: it no longer
	 * does. A change is logged, and the daemon's status shows the line
	 * [e2e/trouble/a-state-is-told-once]. From any thread, from load on.
	 */
	void (*degraded)(const struct shiny_host *host, const char *text);
};

/* SHINY_HOST_HAS() - whether the host, which may be older than the plugin, has that member */
#define SHINY_HOST_HAS(host, member) \
	((host)->size >= offsetof(struct shiny_host, member) + sizeof((host)->member))

/* SHINY_HOST_COUNTS() - whether a host that has stats has that counter in them */
#define SHINY_HOST_COUNTS(host, counter)                                                     \
	((SHINY_HOST_HAS(host, stats_size) ? (host)->stats_size : SHINY_STATS_SIZE_FIRST) >= \
	 offsetof(struct shiny_stats, counter) + sizeof((host)->stats->counter))

/*
 * At most one process at a time may run the section, as its state or files have one owner
 * [e2e/plugin/refused/exclusive] [e2e/reload/exclusive].
 */
#define SHINY_PLUGIN_EXCLUSIVE (1u << 0)
/* What the plugin holds in memory is lost when its process ends [e2e/reload/state-is-kept]. */
#define SHINY_PLUGIN_STATEFUL (1u << 1)

/*
 * What a plugin is. Later versions add members at the end. A plugin of the same ABI whose structure
 * is smaller or larger is served [e2e/plugin/smaller-structures] [e2e/plugin/larger-structures].
 */
struct shiny_plugin {
	unsigned abi;	   /* SHINY_PLUGIN_ABI */
	size_t size;	   /* sizeof(struct shiny_plugin) */
	size_t param_size; /* sizeof(struct shiny_param) */

	const char *name;    /* as in the ini: of a to z, 0 to 9 and '-', never with blanks */
	const char *version; /* the plugin's own */
	const char *summary; /* one line */
	unsigned flags;

	const struct shiny_param *parameters; /* NULL: none */

	/*
	 * Checks values that are right one by one but may be wrong together [e2e/check/asks]. It
	 * has no side effects, as --check and each reload call it. It returns 0, or a negative
	 * number and one line in @error, which has SHINY_ERROR_MAX bytes. A positive number is a
	 * failure, too, here and below [e2e/plugin/refused/a-positive].
	 *
	 * A line that begins with the name of a parameter is shown with the place where it is set.
	 * Instead of a value that is wrong by itself, which is reported already, check gets the
	 * default [e2e/check/what-the-plugin].
	 */
	int (*check)(const struct shiny_value *values, char *error);

	/*
	 * Opens files and allocates, in the process that will serve, before the first connection.
	 * *@ret_ctx is what the event functions get. @values and @host live until unload returns.
	 * It returns 0, or a negative number and one line in @error: then the section has failed,
	 * and load is called again only if the section has served before.
	 */
	int (*load)(const struct shiny_host *host, const struct shiny_value *values, char *error,
		    void **ret_ctx);

	/* Called after closed for the last connection. */
	void (*unload)(void *ctx);

	/*
	 * See struct shiny_options. If load finds that the plugin will not need its commit, it
	 * calls shiny_server_set_commit(host->server, NULL).
	 */
	int (*commit)(void *ctx);

	/*
	 * For SHINY_PLUGIN_STATEFUL: whether, with these values, the next process gets all that
	 * this one holds. If so, a reload may replace the worker [e2e/reload/persistent]. NULL: it
	 * does not. No side effects, as check.
	 */
	bool (*persistent)(const struct shiny_value *values);

	/*
	 * The event functions, for a plugin that points to them; NULL: it exports them
	 * [e2e/plugin/event-functions]. A plugin that does both is refused
	 * [e2e/plugin/refused/handlers-named]. The structure and the functions must be in the
	 * plugin's own object, and handle is required [e2e/plugin/refused/handlers-that].
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
