/* SPDX-License-Identifier: MIT */
/*
 * All that belongs to one [server] section: settings, keyspace, file, and statistics. There are no
 * globals, so this is what the plugin's event functions hand on.
 *
 * For command/, config/, commands/ and the files above them. What is below is handed the part that
 * it needs.
 */
#ifndef REDIS_LITE_COMMAND_INSTANCE_H
#define REDIS_LITE_COMMAND_INSTANCE_H

#include "aof/aof.h"
#include "command/auth-failures.h"
#include "command/batch.h"
#include "command/command.h"
#include "command/password.h"
#include "command/slowlog.h"
#include "command/stats.h"
#include "command/usage.h"
#include "store/keyspace.h"
#include "util/clock.h"
#include "util/work.h"

#include <shiny-plugin.h>
#include <shiny-resp-inline.h>

/* The version of Redis whose behaviour and texts these are. */
#define REDIS_VERSION "7.0.15"

/* Hexadecimal digits that name a run of the server, and a NUL. */
#define RUN_ID_SIZE 41

struct config_value;

struct settings {
	bool allow_debug;
	bool allow_shutdown;
	bool appendonly;
	struct aof_settings aof;
	uint64_t max_reply;
};

/* One [server] section that this plugin serves: all that its event functions share. */
struct instance {
	const struct shiny_host *host;
	struct settings settings;
	struct config_value *config; /* what CONFIG keeps, by its rows; see config/config.c */
	struct password password;
	struct shiny_resp_index commands;
	struct keyspace keyspace;
	struct aof *aof; /* NULL: appendonly = no, or not yet loaded */
	struct batch batch;
	struct work work;
	unsigned unusual;  /* flags of commands that command_run() takes a closer look at */
	bool stopping;	   /* SHUTDOWN was called */
	bool sweep_paused; /* by DEBUG */

	int64_t started_ms;	   /* of the wall clock */
	int64_t steady_started_ms; /* of the clock that is never set */
	struct clock_distance clock_distance;
	char run_id[RUN_ID_SIZE];
	struct command_stats command_stats;
	struct error_stats error_stats;
	struct reply_terms reply_terms;
	struct slowlog slowlog;
	struct auth_failures auth_failures;
	struct usage usage;
	const struct shiny_stats *stats;    /* of the server */
	struct shiny_stats stats_forgotten; /* as they were at the last CONFIG RESETSTAT */
};

/* instance_max_clients() - how many may be connected, 0: as many as there are */
unsigned instance_max_clients(const struct instance *instance);

/* instance_port() - of the first address, "0" if that is no tcp; needs SHINY_ADDRESS_MAX bytes */
const char *instance_port(const struct instance *instance, char *buf);

#endif
