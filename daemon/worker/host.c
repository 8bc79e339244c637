/* SPDX-License-Identifier: MIT */
/*
 * One section served in this process.
 *
 * The server calls the plugin's event functions directly, with the plugin's own context. The
 * server's stats show which of them runs.
 */
#include "worker/host.h"

#include "log/log.h"
#include "process/descriptor-limit.h"
#include "util/clock.h"
#include "util/printable.h"
#include "worker/crash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

/* A child that the plugin forked, and that returns from there, must not go on as another worker. */
static void abort_if_forked(const struct host *host, pid_t parent, const char *function)
{
	if (getpid() != parent) {
		log_write(SHINY_LOG_ERROR,
			  "[%s] a child that the plugin forked has returned from %s and is ended",
			  host->section->title, function);
		abort();
	}
}

static int call_load(struct host *host, char *error)
{
	pid_t parent = getpid();
	int r;

	if (host->plugin.info.load == NULL) {
		return 0;
	}
	crash_set_function("load");
	r = host->plugin.info.load(&host->api, host->values, error, &host->ctx);
	abort_if_forked(host, parent, "load");
	crash_set_function(NULL);
	return plugin_result("the plugin's load", r, error);
}

static void call_unload(struct host *host)
{
	pid_t parent = getpid();

	if (!host->loaded || host->plugin.info.unload == NULL) {
		return;
	}
	crash_set_function("unload");
	host->plugin.info.unload(host->ctx);
	abort_if_forked(host, parent, "unload");
	crash_set_function(NULL);
}

/* Called by the plugin to log a line. */
static void write_log(const struct shiny_host *api, enum shiny_log_level level, const char *text)
{
	log_write((unsigned)level < SHINY_LOG_LEVEL_MAX ? level : SHINY_LOG_ERROR, "[server %s] %s",
		  api->section, text);
}

/* Called by the plugin when its service becomes degraded, or well again. From any thread. */
static void set_degraded(const struct shiny_host *api, const char *text)
{
	struct host *host = (struct host *)(uintptr_t)api;
	char before[SHINY_ERROR_MAX], now[SHINY_ERROR_MAX];
	bool same;

	snprintf(now, sizeof(now), "%s", text != NULL ? text : "");
	pthread_mutex_lock(&host->degraded_lock);
	degraded_get(&host->shared->degraded, before);
	same = strcmp(printable(now), before) == 0;
	if (!same) {
		degraded_set(&host->shared->degraded, now);
	}
	pthread_mutex_unlock(&host->degraded_lock);
	if (same) {
		return;
	}
	if (*now != '\0') {
		log_write(SHINY_LOG_WARNING, "[%s] is degraded: %s", host->section->title, now);
	} else {
		log_write(SHINY_LOG_NOTICE, "[%s] is well again", host->section->title);
	}
}

/* Called by the library for what it does to clients by itself. */
static void on_notice(enum shiny_notice notice, int error, const char *peer, void *ctx)
{
	struct host *host = ctx;
	int64_t now_ms = clock_now_ms();

	notices_add(&host->notices, notice, error, peer, now_ms);
	if (host->is_alone) {
		notices_report(&host->reported, &host->shared->notices, host->section, now_ms);
	}
}

static struct shiny_options server_options(struct host *host)
{
	const struct shiny_value *values = host->section->values;
	struct shiny_options options = SHINY_OPTIONS;

	options.commit = host->plugin.info.commit;
	options.high_water = (size_t)values[SERVER_HIGH_WATER].number;
	options.low_water = (size_t)values[SERVER_LOW_WATER].number;
	options.max_output = (size_t)values[SERVER_MAX_OUTPUT].number;
	options.max_input = (size_t)values[SERVER_MAX_INPUT].number;
	options.idle_timeout_ms = (unsigned)values[SERVER_IDLE_TIMEOUT].number;
	options.stall_timeout_ms = (unsigned)values[SERVER_STALL_TIMEOUT].number;
	options.proxy_from = values[SERVER_PROXY_FROM].text;
	options.stats = &host->shared->stats;
	options.notice = on_notice;
	options.notice_ctx = host;
	options.debug = host->is_alone; /* --single: what a plugin does wrong is found there */
	return options;
}

/* The limit is for all workers of the section; what one process may open can be less. */
static void set_connection_limit(const struct host *host, const struct sibling *sibling,
				 struct shiny_options *options)
{
	const struct siblings *siblings = sibling != NULL ? sibling->all : &(struct siblings){ 0 };
	unsigned most =
		descriptor_limit_connections(descriptor_limit_get(), MAX(siblings->count, 1));
	unsigned limit = (unsigned)host->section->values[SERVER_MAX_CONNECTIONS].number;

	options->max_connections = MIN(limit, most);
	if (siblings->count > 0) {
		options->sibling_loads = siblings->loads;
		options->sibling_wakeups = siblings->wakeups;
		options->sibling_count = siblings->count;
		options->sibling_index = sibling->index;
		options->sibling_connections = limit;
	}
}

/* A probe has read the same section; the plugin may have changed since. */
static int read_parameters(struct host *host, struct config_section *section)
{
	struct problems problems = PROBLEMS_INIT;
	const struct plugin *plugin = &host->plugin;
	bool right;

	host->values = calloc(plugin->n_keys + 1, sizeof(*host->values));
	if (host->values == NULL) {
		return -ENOMEM;
	}
	settings_read(&section->settings, plugin->keys, plugin->n_keys, &section->location,
		      &problems, host->values);
	right = problems.count == 0;
	problems_finish(&problems);
	return right ? 0 : -EINVAL;
}

/* What the plugin is handed. */
static void init_api(struct host *host, const struct shiny_options *options)
{
	host->api = (struct shiny_host){
		.size = sizeof(host->api),
		.server = host->server,
		.section = host->section->name,
		.log = write_log,
		.stats = &host->shared->stats,
		.max_connections = options->max_connections,
		.stats_size = options->stats_size,
		.degraded = set_degraded,
	};
}

int host_create(struct config_section *section, struct shared *shared,
		const struct sibling *sibling, char *error, struct host **ret_host)
{
	struct host *host = calloc(1, sizeof(*host));
	struct shiny_options options;
	int r;

	if (host == NULL) {
		snprintf(error, SHINY_ERROR_MAX, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	host->section = section;
	host->shared = shared;
	host->notices = (struct notices){
		.section = section,
		.counts = &shared->notices,
		.stats = &shared->stats,
	};
	host->is_alone = sibling == NULL;
	pthread_mutex_init(&host->degraded_lock, NULL);
	crash_set_function(CRASH_IN_DLOPEN);
	r = plugin_load(section->plugin.path, &host->plugin, error);
	crash_set_function(NULL);
	if (r < 0) {
		goto fail;
	}
	r = read_parameters(host, section);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "its parameters do not fit any more: %s",
			 strerror(-r));
		goto fail;
	}
	options = server_options(host);
	set_connection_limit(host, sibling, &options);
	r = shiny_server_create(&host->plugin.handlers, &options, NULL, &host->server);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "cannot make a server: %s", strerror(-r));
		goto fail;
	}
	init_api(host, &options);
	crash_set_stats(&shared->stats);
	*ret_host = host;
	return 0;

fail:
	host_destroy(host);
	return r;
}

static int listen_on(struct host *host, int *listeners, size_t count, char *error)
{
	for (size_t i = 0; i < count; i++) {
		int r = shiny_server_listen_fd(host->server, listeners[i]);

		if (r < 0) {
			snprintf(error, SHINY_ERROR_MAX, "cannot listen: %s", strerror(-r));
			return r;
		}
		listeners[i] = -1; /* the server's now */
	}
	return 0;
}

int host_load(struct host *host, int *listeners, size_t count, char *error)
{
	int r;

	*error = '\0';
	r = call_load(host, error);
	if (r < 0) {
		return r;
	}
	host->loaded = true;
	shiny_server_set_context(host->server, host->ctx);
	return listen_on(host, listeners, count, error);
}

void host_destroy(struct host *host)
{
	if (host == NULL) {
		return;
	}
	crash_set_stats(NULL);
	call_unload(host);
	shiny_server_destroy(host->server);
	if (host->is_alone) {
		notices_report(&host->reported, &host->shared->notices, host->section, INT64_MAX);
	}
	plugin_finish(&host->plugin);
	free(host->values);
	pthread_mutex_destroy(&host->degraded_lock);
	free(host);
}

void host_describe(const struct host *host, char *buf, size_t size)
{
	const struct shiny_plugin *info = &host->plugin.info;
	char address[SHINY_ADDRESS_MAX];
	size_t used;

	used = (size_t)snprintf(buf, size, "serves ");
	for (size_t i = 0; used < size; i++) {
		if (shiny_server_address(host->server, i, address, sizeof(address)) < 0) {
			break;
		}
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i > 0 ? ", " : "",
					 address);
	}
	if (used < size) {
		snprintf(buf + used, size - used, " with %s %s", info->name, info->version);
	}
}
