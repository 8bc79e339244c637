/* SPDX-License-Identifier: MIT */
/*
 * Commands about the server: its settings and its end.
 */
#include "aof.h"
#include "cmd.h"
#include "command.h"
#include "glob.h"
#include "instance.h"

#include <stdio.h>

static const char *show_appendfsync(const struct settings *settings)
{
	static const char *const names[AOF_FSYNC_MAX] = {
		[AOF_FSYNC_ALWAYS] = "always",
		[AOF_FSYNC_EVERYSEC] = "everysec",
		[AOF_FSYNC_NO] = "no",
	};

	return names[settings->appendfsync];
}

static const char *show_appendonly(const struct settings *settings)
{
	return settings->appendonly ? "yes" : "no";
}

static const char *show_appendfilename(const struct settings *settings)
{
	return settings->appendfilename;
}

static const char *show_dir(const struct settings *settings)
{
	return settings->dir ? settings->dir : "";
}

/* What CONFIG GET shows: parameters under Redis's names, and what is always so. */
static const struct {
	const char *name;
	const char *value; /* or NULL, and show */
	const char *(*show)(const struct settings *settings);
} config_table[] = {
	{ "appendfilename", NULL, show_appendfilename },
	{ "appendfsync", NULL, show_appendfsync },
	{ "appendonly", NULL, show_appendonly },
	{ "databases", "16", NULL },
	{ "dir", NULL, show_dir },
	{ "maxmemory", "0", NULL },
	{ "maxmemory-policy", "noeviction", NULL },
	{ "proto-max-bulk-len", "536870912", NULL },
	{ "save", "", NULL },
};

#define CONFIGS (sizeof(config_table) / sizeof(config_table[0]))

static bool is_asked(const struct call *call, const char *name)
{
	for (size_t i = 2; i < call->argc; i++) {
		if (glob_match_nocase(call->argv[i].data, call->argv[i].len, name, strlen(name))) {
			return true;
		}
	}
	return false;
}

void cmd_config_get(struct call *call)
{
	size_t count = 0;

	for (size_t i = 0; i < CONFIGS; i++) {
		count += is_asked(call, config_table[i].name);
	}
	reply_map(call->reply, count);
	for (size_t i = 0; i < CONFIGS; i++) {
		if (is_asked(call, config_table[i].name)) {
			reply_bulk_text(call->reply, config_table[i].name);
			reply_bulk_text(call->reply,
					config_table[i].show
						? config_table[i].show(&call->instance->settings)
						: config_table[i].value);
		}
	}
}

/* A peer on this machine. */
static bool is_local(const struct shiny_conn *conn)
{
	static const char *const local[] = { "unix:", "tcp://127.", "tcp://[::1]:" };
	char peer[SHINY_ADDRESS_MAX];

	if (shiny_peer(conn, peer, sizeof(peer)) < 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		if (strncmp(peer, local[i], strlen(local[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* There is nothing to save at the end that is not in the append-only file, so that Redis's options
 * make no difference. */
static bool takes_shutdown_options(struct call *call)
{
	static const char *const options[] = { "nosave", "save", "now", "force" };

	for (size_t i = 1; i < call->argc; i++) {
		size_t n = 0;

		while (n < 4 && !arg_is(&call->argv[i], options[n])) {
			n++;
		}
		if (n == 4) {
			call_syntax_error(call);
			return false;
		}
	}
	return true;
}

void cmd_shutdown(struct call *call)
{
	if (!takes_shutdown_options(call)) {
		return;
	}
	if (!call->instance->settings.allow_shutdown || !is_local(call->conn)) {
		reply_error(call->reply,
			    "ERR SHUTDOWN is not allowed. It needs allow_shutdown = yes, "
			    "and a client on the same machine.");
		return;
	}
	call->instance->stopping = true;
	call->close = true;
}
