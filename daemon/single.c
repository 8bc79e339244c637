/* SPDX-License-Identifier: MIT */
/*
 * --single: one section in the foreground, in this very process.
 */
#include "single.h"

#include "clock.h"
#include "drain.h"
#include "host.h"
#include "log.h"
#include "repeats.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

static const int drain_signals[] = { SIGINT, SIGTERM, 0 };

/* What a worker's lines meet in its supervisor. A plugin's threads may log, too. */
struct doorkeeper {
	pthread_mutex_t lock;
	struct repeats repeats;
};

static void log_unless_repeated(void *ctx, enum shiny_log_level level, const char *text)
{
	struct doorkeeper *doorkeeper = ctx;
	int64_t now_ms = clock_now_ms();

	pthread_mutex_lock(&doorkeeper->lock);
	repeats_tell(&doorkeeper->repeats, now_ms);
	repeats_log(&doorkeeper->repeats, level, text, now_ms);
	pthread_mutex_unlock(&doorkeeper->lock);
}

static enum exit_code serve(const struct worker_job *job, struct host *host)
{
	const char *title = job->section->title;
	char text[LOG_LINE_MAX];
	int r;

	r = host_load(host, job->sockets, text);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] failed to load: %s", title, text);
		return EXIT_CODE_PLUGIN;
	}
	host_describe(host, text, sizeof(text));
	log_write(SHINY_LOG_NOTICE, "[%s] %s (in the foreground)", title, text);

	r = shiny_server_run(host->server);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] the server stopped: %s", title, strerror(-r));
		return EXIT_CODE_RUNTIME;
	}
	return EXIT_CODE_OK;
}

enum exit_code single_run(const struct worker_job *job, unsigned drain_timeout_ms)
{
	struct doorkeeper doorkeeper = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct shiny_stats stats = { 0 };
	char error[SHINY_ERROR_MAX];
	enum exit_code code;
	struct host *host;

	if (privileges_drop(job->privileges, error) < 0) {
		log_write(SHINY_LOG_ERROR, "%s", error);
		return EXIT_CODE_BIND;
	}
	if (host_create(job->section, &stats, error, &host) < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] %s: %s", job->section->title,
			  job->section->plugin.path, error);
		return EXIT_CODE_PLUGIN;
	}
	log_divert(log_unless_repeated, &doorkeeper);
	drain_on_signals(drain_signals, host->server, &drain_timeout_ms);
	code = serve(job, host);
	drain_forget(drain_signals);
	host_destroy(host);
	log_divert(NULL, NULL);
	repeats_tell(&doorkeeper.repeats, INT64_MAX);
	return code;
}
