/* SPDX-License-Identifier: MIT */
/*
 * --single: a worker without a supervisor. What the supervisor does for the log of a worker, its
 * rate limit and SIGUSR1, is done here by the process itself.
 */
#include "worker/single.h"

#include "log/log-limit.h"
#include "log/log-rate.h"
#include "log/log.h"
#include "trust/trust.h"
#include "util/clock.h"
#include "worker/drain.h"
#include "worker/host.h"

#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const int drain_signals[] = { SIGINT, SIGTERM, 0 };

/* The rate limit that the supervisor has for a worker. The plugin's threads may log, too. */
struct limited_log {
	pthread_mutex_t lock;
	struct log_limit log_limit;
	struct log_rate log_rate;
	const struct config_section *section;
};

/* A signal handler finds its context nowhere else. */
static volatile sig_atomic_t reopen;

static void on_reopen(int signal_number)
{
	(void)signal_number;
	reopen = 1;
}

/* A signal handler can open nothing: the file is opened before the next line is written. */
static void reopen_if_asked(void)
{
	char error[TRUST_ERROR_MAX], line[TRUST_ERROR_MAX + 64];
	bool failed = reopen && log_reopen(error) < 0;

	reopen = 0;
	if (failed) {
		snprintf(line, sizeof(line), "cannot open the log again: %s", error);
		log_write_to_target(SHINY_LOG_ERROR, line);
	}
}

static void log_limited(void *ctx, enum shiny_log_level level, const char *text)
{
	struct limited_log *log = ctx;
	int64_t now_ms = clock_now_ms();

	pthread_mutex_lock(&log->lock);
	reopen_if_asked();
	log_limit_report(&log->log_limit, now_ms);
	log_rate_report(&log->log_rate, log->section->title, now_ms);
	if (log_rate_admit(&log->log_rate, log->section->values[SERVER_LOG_RATE].number,
			   strlen(text), now_ms)) {
		log_limit_write(&log->log_limit, level, text, now_ms);
	}
	pthread_mutex_unlock(&log->lock);
}

/* As host_load(). */
static int load(struct host *host, struct sockets *sockets, char *error)
{
	int *listeners = g_new(int, sockets->count);
	int r;

	for (size_t i = 0; i < sockets->count; i++) {
		listeners[i] = sockets->all[i]->fd;
	}
	r = host_load(host, listeners, sockets->count, error);
	for (size_t i = 0; i < sockets->count; i++) {
		sockets->all[i]->fd = listeners[i];
	}
	g_free(listeners);
	return r;
}

static enum exit_code serve(struct host *host, struct sockets *sockets)
{
	const char *title = host->section->title;
	char text[LOG_LINE_MAX];
	int r;

	r = load(host, sockets, text);
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

/* The supervisor's other signals mean nothing here. */
static void install_signals(void)
{
	const struct sigaction action = { .sa_handler = on_reopen,
					  .sa_flags = SA_RESTART | SA_ONSTACK };

	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	sigaction(SIGUSR1, &action, NULL);
}

enum exit_code single_run(struct config_section *section, struct sockets *sockets,
			  const struct privileges *privileges, unsigned drain_timeout_ms)
{
	struct limited_log log = { .lock = PTHREAD_MUTEX_INITIALIZER, .section = section };
	struct shared shared = { 0 };
	char error[SHINY_ERROR_MAX];
	enum exit_code code;
	struct host *host;

	install_signals();
	if (privileges_drop(privileges, error) < 0) {
		log_write(SHINY_LOG_ERROR, "%s", error);
		return EXIT_CODE_BIND;
	}
	if (host_create(section, &shared, NULL, error, &host) < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] %s: %s", section->title, section->plugin.path,
			  error);
		return EXIT_CODE_PLUGIN;
	}
	log_set_sink(log_limited, &log);
	drain_on_signals(drain_signals, host->server, &drain_timeout_ms);
	code = serve(host, sockets);
	drain_ignore(drain_signals);
	host_destroy(host);
	log_set_sink(NULL, NULL);
	log_limit_report(&log.log_limit, INT64_MAX);
	log_rate_report(&log.log_rate, section->title, INT64_MAX);
	return code;
}
