/* SPDX-License-Identifier: MIT */
/*
 * redis-lite: a cache that speaks Redis's protocol.
 *
 * This file is the plugin's form, filled in: what it is called, what may be set, and what is done at
 * each event. Requests go to command/batch.c, from there to command/command.c and the functions in
 * commands/, which work on store/keyspace.c and log to aof/aof.c.
 */
#include "aof/aof.h"
#include "command/client.h"
#include "command/instance.h"
#include "config/config.h"
#include "persistence.h"
#include "store/evict.h"
#include "store/expiry.h"
#include "util/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the tick may spend on keys that have expired or are too many, and on memory of flushed
 * databases. */
#define TICK_BUDGET_NS 1000000

#define NS_PER_MS      1000000

/* So that what goes on by ticks takes a quarter of the time. */
#define TICK_BUSY_MS 4

/* What is always the same is less, as are the replies that redis-cli begins with. */
#define MAX_REPLY_LEAST (1024 * 1024)

enum {
	PARAM_ALLOW_DEBUG,
	PARAM_ALLOW_SHUTDOWN,
	PARAM_AOF_LOAD_CORRUPT_TAIL_MAX_SIZE,
	PARAM_APPENDFILENAME,
	PARAM_APPENDFSYNC,
	PARAM_APPENDONLY,
	PARAM_AUTO_AOF_REWRITE_MIN_SIZE,
	PARAM_AUTO_AOF_REWRITE_PERCENTAGE,
	PARAM_DIR,
	PARAM_MAX_REPLY,
	PARAM_MAXMEMORY,
	PARAM_MAXMEMORY_POLICY,
	PARAM_REQUIREPASS,
	PARAM_MAX
};

static const struct shiny_param parameters[] = {
	[PARAM_ALLOW_DEBUG] = {
		.key = "allow_debug",
		.type = SHINY_TYPE_BOOL,
		.default_value = "no",
		.help = "let clients call DEBUG",
	},
	[PARAM_ALLOW_SHUTDOWN] = {
		.key = "allow_shutdown",
		.type = SHINY_TYPE_BOOL,
		.default_value = "no",
		.help = "let clients on the same machine end the section with SHUTDOWN",
	},
	[PARAM_AOF_LOAD_CORRUPT_TAIL_MAX_SIZE] = {
		.key = "aof_load_corrupt_tail_max_size",
		.type = SHINY_TYPE_SIZE,
		.default_value = "0",
		.max = INT64_MAX,
		.help = "a damaged end of the append-only file is cut off instead of refused up to this",
	},
	[PARAM_APPENDFILENAME] = {
		.key = "appendfilename",
		.type = SHINY_TYPE_STRING,
		.default_value = "appendonly.aof",
		.help = "name of the append-only file, in dir",
	},
	[PARAM_APPENDFSYNC] = {
		.key = "appendfsync",
		.type = SHINY_TYPE_ENUM,
		.default_value = "everysec",
		.choices = aof_fsync_names,
		.help = "when the append-only file is synced: before each reply, every second, never",
	},
	[PARAM_APPENDONLY] = {
		.key = "appendonly",
		.type = SHINY_TYPE_BOOL,
		.default_value = "no",
		.help = "log every change to a file, and load it at the start",
	},
	[PARAM_AUTO_AOF_REWRITE_MIN_SIZE] = {
		.key = "auto_aof_rewrite_min_size",
		.type = SHINY_TYPE_SIZE,
		.default_value = "64M",
		.max = INT64_MAX,
		.help = "a smaller append-only file is not rewritten by itself",
	},
	[PARAM_AUTO_AOF_REWRITE_PERCENTAGE] = {
		.key = "auto_aof_rewrite_percentage",
		.type = SHINY_TYPE_INTEGER,
		.default_value = "100",
		.max = AOF_REWRITE_PERCENTAGE_MAX,
		.help = "growth since the last rewrite at which there is another; 0: never",
	},
	[PARAM_DIR] = {
		.key = "dir",
		.type = SHINY_TYPE_PATH,
		.help = "folder of the append-only file",
	},
	[PARAM_MAX_REPLY] = {
		.key = "max_reply",
		.type = SHINY_TYPE_SIZE,
		.default_value = "1G",
		.min = MAX_REPLY_LEAST,
		.max = INT64_MAX,
		.help = "what one command may reply, past max_output; more is refused with an error",
	},
	[PARAM_MAXMEMORY] = {
		.key = "maxmemory",
		.type = SHINY_TYPE_SIZE,
		.default_value = "0",
		.max = INT64_MAX,
		.help = "what keys and values may take; 0: no limit",
	},
	[PARAM_MAXMEMORY_POLICY] = {
		.key = "maxmemory_policy",
		.type = SHINY_TYPE_ENUM,
		.default_value = "noeviction",
		.choices = evict_names,
		.help = "which keys go when there is no more memory; noeviction: writes are refused",
	},
	[PARAM_REQUIREPASS] = {
		.key = "requirepass",
		.type = SHINY_TYPE_SECRET,
		.help = "password that clients must give first, by AUTH or HELLO",
	},
	[PARAM_MAX] = { 0 },
};

/* Who checks may not be allowed to see what who serves can. */
static int check_dir(const char *dir, char *error)
{
	struct stat st;
	int r = stat(dir, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;

	if (r != -ENOENT && r != -ENOTDIR) {
		return 0;
	}
	snprintf(error, SHINY_ERROR_MAX, "dir = %.128s: %s", dir, strerror(-r));
	return r;
}

static int check(const struct shiny_value *values, char *error)
{
	if (values[PARAM_APPENDONLY].number && !values[PARAM_DIR].text) {
		snprintf(error, SHINY_ERROR_MAX, "appendonly = yes needs dir");
		return -EINVAL;
	}
	if (values[PARAM_APPENDONLY].number && check_dir(values[PARAM_DIR].text, error) < 0) {
		return -EINVAL;
	}
	if (strchr(values[PARAM_APPENDFILENAME].text, '/') ||
	    values[PARAM_APPENDFILENAME].text[0] == '\0') {
		snprintf(error, SHINY_ERROR_MAX, "appendfilename must be a name without '/'");
		return -EINVAL;
	}
	if (values[PARAM_REQUIREPASS].text &&
	    strlen(values[PARAM_REQUIREPASS].text) > PASSWORD_MAX) {
		snprintf(error, SHINY_ERROR_MAX, "requirepass is longer than %d bytes",
			 PASSWORD_MAX);
		return -EINVAL;
	}
	return 0;
}

static bool persistent(const struct shiny_value *values)
{
	return values[PARAM_APPENDONLY].number;
}

/* A key that has gone must not come back when the file is loaded. */
static void log_dropped(void *arg, unsigned db, const struct entry *entry)
{
	struct instance *instance = arg;
	const struct shiny_resp_arg argv[] = {
		SHINY_RESP_ARG("DEL"),
		{ entry_key(entry), entry_key_len(entry) },
	};

	aof_log(instance->aof, db, argv, 2);
}

static void unload(void *ctx)
{
	struct instance *instance = ctx;
	bool is_over = instance->aof && aof_has_failed(instance->aof);

	auth_failures_end(&instance->auth_failures, instance->host);
	aof_close(instance->aof);
	config_finish(instance);
	keyspace_finish(&instance->keyspace);
	batch_finish(&instance->batch);
	command_stats_finish(&instance->command_stats);
	slowlog_clear(&instance->slowlog);
	free(instance);
	if (is_over) {
		_exit(EXIT_FAILURE); /* no orderly end: the next worker loads what is on the disk */
	}
}

/* One that is all zeros, where the kernel has no random bytes, names it no worse than none. */
static void make_run_id(char id[RUN_ID_SIZE])
{
	unsigned char bytes[RUN_ID_SIZE / 2] = { 0 };

	(void)!getrandom(bytes, sizeof(bytes), 0);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	}
}

static int start(struct instance *instance, char *error)
{
	uint64_t seed;
	int r;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
		seed = (uint64_t)steady_clock_ns();
	}
	make_run_id(instance->run_id);
	keyspace_init(&instance->keyspace, seed);
	instance->work.server = instance->host->server;
	instance->reply_terms = (struct reply_terms){
		.error_stats = &instance->error_stats,
		.work = &instance->work,
		.most = instance->settings.max_reply,
	};
	instance->keyspace.work = instance->keyspace.watches.work = &instance->work;
	command_index_init(&instance->commands);
	command_stats_init(&instance->command_stats);
	r = config_init(instance);
	r = r < 0 ? r : batch_init(&instance->batch);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "out of memory");
		return r;
	}
	instance->usage.memory_startup = usage_memory(&instance->usage, &instance->keyspace);
	if (!instance->settings.appendonly) {
		shiny_server_set_commit(instance->host->server, NULL); /* nothing to wait for */
		return persistence_refuse(instance, error);
	}
	r = persistence_open(instance, error);
	if (r == 0) {
		instance->keyspace.dropped = log_dropped;
		instance->keyspace.arg = instance;
	}
	return r;
}

/* No reply is larger than what memory could be asked for. */
static uint64_t most_reply(uint64_t asked)
{
	return asked < SIZE_MAX / 4 ? asked : SIZE_MAX / 4;
}

/* From a host that does not tell. */
static const struct shiny_stats no_stats;

static struct aof_settings aof_settings(const struct shiny_value *values)
{
	return (struct aof_settings){
		.dir = values[PARAM_DIR].text,
		.filename = values[PARAM_APPENDFILENAME].text,
		.fsync = (enum aof_fsync)values[PARAM_APPENDFSYNC].number,
		.rewrite_percentage = (unsigned)values[PARAM_AUTO_AOF_REWRITE_PERCENTAGE].number,
		.rewrite_min_size = (uint64_t)values[PARAM_AUTO_AOF_REWRITE_MIN_SIZE].number,
		.load_corrupt_tail_max_size =
			(uint64_t)values[PARAM_AOF_LOAD_CORRUPT_TAIL_MAX_SIZE].number,
	};
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct instance *instance = calloc(1, sizeof(*instance));
	int r;

	if (!instance) {
		snprintf(error, SHINY_ERROR_MAX, "out of memory");
		return -ENOMEM;
	}
	instance->host = host;
	instance->stats = SHINY_HOST_HAS(host, stats) ? host->stats : &no_stats;
	instance->started_ms = wall_clock_ms();
	instance->steady_started_ms = steady_clock_ms();
	instance->settings = (struct settings){
		.allow_debug = values[PARAM_ALLOW_DEBUG].number,
		.allow_shutdown = values[PARAM_ALLOW_SHUTDOWN].number,
		.appendonly = values[PARAM_APPENDONLY].number,
		.aof = aof_settings(values),
		.max_reply = most_reply((uint64_t)values[PARAM_MAX_REPLY].number),
	};
	if (values[PARAM_REQUIREPASS].text) {
		password_set(&instance->password, values[PARAM_REQUIREPASS].text,
			     strlen(values[PARAM_REQUIREPASS].text));
	}
	r = start(instance, error);
	evict_configure(&instance->keyspace, (uint64_t)values[PARAM_MAXMEMORY].number,
			(enum evict_policy)values[PARAM_MAXMEMORY_POLICY].number);
	if (r < 0) {
		unload(instance);
		return r;
	}
	*ret_ctx = instance;
	return 0;
}

unsigned instance_max_clients(const struct instance *instance)
{
	const struct shiny_host *host = instance->host;

	return SHINY_HOST_HAS(host, max_connections) ? host->max_connections : 0;
}

const char *instance_port(const struct instance *instance, char *buf)
{
	if (shiny_server_address(instance->host->server, 0, buf, SHINY_ADDRESS_MAX) < 0 ||
	    strncmp(buf, "tcp", 3) != 0) {
		return "0";
	}
	return strrchr(buf, ':') + 1;
}

bool on_accept(struct shiny_conn *conn, void *ctx)
{
	struct instance *instance = ctx;

	if (instance->password.len > 0) {
		struct client *client = client_create(conn);

		if (!client) {
			return false;
		}
		client->state = CLIENT_LOCKED;
	}
	return true;
}

void on_closed(struct shiny_conn *conn, int error, void *ctx)
{
	struct instance *instance = ctx;

	(void)error;
	client_destroy(client_of(conn), &instance->keyspace.watches);
}

/* Gives back the rest of the input. If more of it is awaited than is ever held, that is still to come
 * in smaller pieces: Redis waits, too. */
static bool unread_rest(struct shiny_conn *conn, size_t len, size_t want)
{
	return shiny_unread(conn, len, want) == 0 || shiny_unread(conn, len, 2 * len) == 0;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct instance *instance = ctx;
	int64_t now_ns = steady_clock_ns();
	struct reply reply = {
		.resp = { .conn = conn, .hooks = &reply_hooks },
		.terms = &instance->reply_terms,
		.grown = true,
	};
	struct call call = {
		.instance = instance,
		.conn = conn,
		.client = client_of(conn),
		.reply = &reply.resp,
		.now_ms = wall_clock_ms_at(&instance->clock_distance, now_ns),
	};
	struct batch_result result;

	if (len == 0) {
		return true;
	}
	if (call.client) {
		call.db = call.client->db;
		reply.resp.resp3 = call.client->resp3;
	}
	command_stats_start(&instance->command_stats, slowlog_timed(&instance->slowlog), now_ns);
	result = batch_run(&instance->batch, &call, data, len);
	client_set_last(conn, call.client, call.command);
	keyspace_reclaim(&instance->keyspace);
	if (result.end) {
		return false;
	}
	return result.used == len || unread_rest(conn, len - result.used, result.want);
}

static void sample_usage(struct instance *instance, int64_t now_ms)
{
	const uint64_t counts[] = {
		[USAGE_COMMANDS] = command_stats_calls(&instance->command_stats),
		[USAGE_BYTES_IN] = instance->stats->bytes_in,
		[USAGE_BYTES_OUT] = instance->stats->bytes_out,
	};

	usage_tick(&instance->usage, &instance->keyspace, counts, now_ms);
}

/* A rewrite goes on by ticks, and so does the giving back of memory. */
static void set_tick(struct instance *instance, bool busy)
{
	bool rewriting = instance->aof && aof_is_rewriting(instance->aof);
	unsigned tick_ms = busy || rewriting ? TICK_BUSY_MS : 0;

	shiny_server_set_tick(instance->host->server, tick_ms, tick_ms);
}

/* The next worker loads what is on the disk. */
static void stop_if_failed(struct instance *instance)
{
	if (aof_has_failed(instance->aof)) {
		shiny_server_stop(instance->host->server);
	}
}

bool on_tick(void *ctx)
{
	struct instance *instance = ctx;
	struct keyspace *keyspace = &instance->keyspace;
	int64_t wall_ms = wall_clock_ms(), now_ns = steady_clock_ns();
	int64_t now_ms = now_ns / NS_PER_MS;
	bool busy, more;

	if (instance->stopping) {
		return false;
	}
	do {
		busy = keyspace_reclaim(keyspace);
		busy |= evict_is_needed(keyspace) && evict_make_room(keyspace);
		more = !instance->sweep_paused && expiry_sweep(keyspace, wall_ms);
		more |= instance->aof && aof_rewrite_tick(instance->aof, now_ms, wall_ms);
	} while ((busy || more) && steady_clock_ns() - now_ns < TICK_BUDGET_NS);
	if (instance->aof) {
		aof_tick(instance->aof, now_ms);
		stop_if_failed(instance);
	}
	sample_usage(instance, now_ms);
	auth_failures_tick(&instance->auth_failures, instance->host, now_ms);
	set_tick(instance, busy);
	return true;
}

static int commit(void *ctx)
{
	struct instance *instance = ctx;
	int r = aof_commit(instance->aof);

	stop_if_failed(instance);
	return r;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "redis-lite",
	.version = SHINY_VERSION,
	.summary = "a cache that speaks Redis's protocol",
	.flags = SHINY_PLUGIN_EXCLUSIVE | SHINY_PLUGIN_STATEFUL,
	.parameters = parameters,
	.check = check,
	.load = load,
	.unload = unload,
	.commit = commit,
	.persistent = persistent,
};
