/* SPDX-License-Identifier: MIT */
/*
 * The parent of all workers.
 *
 * Each turn does what signals and the status socket ask for, then turns all sections, then goes on
 * with a rollout. It looks at all of them each time: there are few, and it happens rarely.
 */
#include "supervisor/supervisor.h"

#include "log/log.h"
#include "reload/rollout.h"
#include "status/status.h"
#include "supervisor/orphans.h"
#include "supervisor/signals.h"
#include "supervisor/supervisor-internal.h"
#include "trust/trust.h"
#include "util/clock.h"

#include <glib.h>
#include <string.h>
#include <unistd.h>

/* How long lines wait that found no room in the log, until they are written again. */
#define LOG_AGAIN_MS 1000

/* A socket that nobody has configured may well be missing, as when an ordinary user runs shinyd. */
static void open_status_socket(struct supervisor *supervisor)
{
	const struct config_section *daemon = supervisor->config->daemon;
	enum shiny_log_level level = geteuid() == 0 ? SHINY_LOG_NOTICE : SHINY_LOG_DEBUG;

	if (config_setting(daemon, DAEMON_STATUS_SOCKET) != NULL) {
		level = SHINY_LOG_WARNING;
	}
	status_socket_open(daemon->values[DAEMON_STATUS_SOCKET].text, level, &supervisor->status);
}

void supervisor_set_config(struct supervisor *supervisor, struct config *config)
{
	const char *path = config->daemon->values[DAEMON_STATUS_SOCKET].text;

	config_ref(config);
	config_unref(supervisor->config);
	supervisor->config = config;
	if (g_strcmp0(path, supervisor->status.file.path) != 0) {
		status_socket_close(&supervisor->status);
		open_status_socket(supervisor);
	}
}

static void supervisor_init(struct supervisor *supervisor, const struct config_args *args,
			    const struct inherited *inherited, struct orphans *orphans)
{
	*supervisor = (struct supervisor){
		.args = args,
		.inherited = inherited,
		.orphans = orphans,
		.status = { .fd = -1 },
		.sections = g_ptr_array_new_with_free_func((GDestroyNotify)section_destroy),
	};
	signals_begin(&supervisor->waiting_mask);
	notify_init(&supervisor->notify);
}

static void supervisor_finish(struct supervisor *supervisor)
{
	g_ptr_array_free(supervisor->sections, TRUE);
	config_unref(supervisor->config);
	status_socket_close(&supervisor->status);
	status_server_finish(&supervisor->status_server);
	reload_finish(&supervisor->reload);
	notify_finish(&supervisor->notify);
}

/* The descriptors to poll, for g_array_free(). */
static GArray *list_descriptors(const struct supervisor *supervisor, int64_t now_ms)
{
	GArray *fds = g_array_new(FALSE, TRUE, sizeof(struct pollfd));
	bool room = status_server_has_room(&supervisor->status_server);
	const struct pollfd own[] = {
		{ reload_watch(&supervisor->reload), POLLIN, 0 },
		{ room ? status_socket_watch(&supervisor->status, now_ms) : -1, POLLIN, 0 },
	};
	struct pollfd status_server[STATUS_CONNECTIONS_MAX];

	g_array_append_vals(fds, own, G_N_ELEMENTS(own));
	g_array_append_vals(fds, status_server,
			    (guint)status_server_watch(&supervisor->status_server, status_server));
	for (size_t i = 0; i < supervisor->sections->len; i++) {
		const struct section *section = section_at(supervisor->sections, i);
		guint n = fds->len;

		g_array_set_size(fds, n + (guint)section_descriptors(section));
		n += (guint)section_watch(section, &g_array_index(fds, struct pollfd, n), now_ms);
		g_array_set_size(fds, n);
	}
	return fds;
}

static int64_t next_due(const struct supervisor *supervisor, int64_t now_ms)
{
	int64_t due_ms =
		MIN(notify_timeout(&supervisor->notify), reload_timeout(&supervisor->reload));

	due_ms = MIN(due_ms, status_server_timeout(&supervisor->status_server));
	due_ms = MIN(due_ms, status_socket_timeout(&supervisor->status, now_ms));
	for (size_t i = 0; i < supervisor->sections->len; i++) {
		due_ms = MIN(due_ms, section_timeout(section_at(supervisor->sections, i), now_ms));
	}
	due_ms = MIN(due_ms, orphans_timeout(supervisor->orphans));
	if (!log_flush()) {
		due_ms = MIN(due_ms, now_ms + LOG_AGAIN_MS);
	}
	return due_ms;
}

static void wait_for_events(struct supervisor *supervisor, int64_t now_ms)
{
	int64_t due_ms = next_due(supervisor, now_ms);
	int64_t left_ms = MAX(due_ms - now_ms, 0);
	const struct timespec timeout = { left_ms / 1000, left_ms % 1000 * 1000000 };
	GArray *fds = list_descriptors(supervisor, now_ms);

	ppoll((struct pollfd *)fds->data, fds->len, due_ms == INT64_MAX ? NULL : &timeout,
	      &supervisor->waiting_mask);
	signals_collect(&supervisor->waiting_mask);
	g_array_free(fds, TRUE);
}

static void handle_stop(struct supervisor *supervisor, int64_t now_ms)
{
	unsigned asked = signals_take(SIGNAL_STOP);

	if (asked == 0) {
		return;
	}
	if (supervisor->stops == 0) {
		log_write(SHINY_LOG_NOTICE, "stopping");
	}
	if (supervisor->stops < 2 && supervisor->stops + asked >= 2) {
		log_write(SHINY_LOG_WARNING,
			  "told to stop twice: workers are killed, with their connections");
	}
	supervisor->stops += asked;
	for (size_t i = 0; i < supervisor->sections->len; i++) {
		section_stop(section_at(supervisor->sections, i), now_ms);
		if (supervisor->stops > 1) {
			section_kill(section_at(supervisor->sections, i));
		}
	}
}

static void reopen_log(void)
{
	char error[TRUST_ERROR_MAX];

	if (signals_take(SIGNAL_REOPEN) > 0 && log_reopen(error) < 0) {
		log_write(SHINY_LOG_ERROR, "cannot open the log again: %s", error);
	}
}

/* To the log, and to clients of the status socket. */
static void report_status(struct supervisor *supervisor, int64_t now_ms)
{
	bool log = signals_take(SIGNAL_REPORT) > 0;
	char *report;

	if (!log && !status_server_has(&supervisor->status_server, STATUS_CONNECTION_STATUS)) {
		return;
	}
	report = status_report(supervisor->sections, supervisor->config, now_ms);
	if (log) {
		status_log(report);
	}
	status_server_reply_status(&supervisor->status_server, report);
	g_free(report);
}

/* Returns whether a client asks for a reload. */
static bool accept_status_requests(struct supervisor *supervisor, int64_t now_ms)
{
	struct status_server *status_server = &supervisor->status_server;
	int fd = status_server_has_room(status_server)
			 ? status_socket_accept(&supervisor->status, now_ms)
			 : -1;

	if (fd >= 0) {
		status_server_add(status_server, fd, now_ms);
	}
	return status_server_turn(status_server, now_ms);
}

static bool is_ours(const void *ctx, pid_t pid)
{
	const struct supervisor *supervisor = ctx;

	for (size_t i = 0; i < supervisor->sections->len; i++) {
		if (section_has_process(section_at(supervisor->sections, i), pid)) {
			return true;
		}
	}
	return reload_has_process(&supervisor->reload, pid);
}

static void turn(struct supervisor *supervisor, int64_t now_ms)
{
	handle_stop(supervisor, now_ms);
	reopen_log();
	supervisor_reload(supervisor, accept_status_requests(supervisor, now_ms), now_ms);
	report_status(supervisor, now_ms);
	for (size_t i = 0; i < supervisor->sections->len; i++) {
		section_turn(section_at(supervisor->sections, i), now_ms);
	}
	if (supervisor->stops == 0) {
		rollout_turn(supervisor->sections, now_ms);
	}
	orphans_turn(supervisor->orphans, signals_take(SIGNAL_CHILD) > 0, is_ours, supervisor,
		     now_ms);
}

static void notify_service_manager(struct supervisor *supervisor, int64_t now_ms)
{
	char *text = status_summary(supervisor->sections, now_ms);
	struct service_state state = {
		.started = supervisor->reload.config == NULL && !supervisor->reload_asked &&
			   rollout_is_over(supervisor->sections),
		.responsive = true,
		.stopping = supervisor->stops > 0,
		.text = text,
	};

	for (size_t i = 0; i < supervisor->sections->len; i++) {
		const struct section *section = section_at(supervisor->sections, i);

		state.started = state.started && section_finished_startup(section);
		state.responsive = state.responsive && section_is_responsive(section, now_ms);
	}
	notify_turn(&supervisor->notify, &state, now_ms);
	g_free(text);
}

static bool is_over(const struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->sections->len; i++) {
		if (!section_is_over(section_at(supervisor->sections, i))) {
			return false;
		}
	}
	return supervisor->stops > 0 || supervisor->reload.config == NULL;
}

static enum exit_code exit_code_of(const struct supervisor *supervisor)
{
	for (size_t i = 0; supervisor->stops == 0 && i < supervisor->sections->len; i++) {
		if (section_has_failed(section_at(supervisor->sections, i))) {
			log_write(SHINY_LOG_ERROR, "nothing is left to serve");
			return EXIT_CODE_RUNTIME;
		}
	}
	return EXIT_CODE_OK;
}

enum exit_code supervisor_run(const struct config_args *args, struct config *config,
			      const struct inherited *inherited, struct orphans *orphans,
			      struct problems *problems)
{
	struct supervisor supervisor;
	int64_t now_ms = clock_now_ms();
	enum exit_code code;

	supervisor_init(&supervisor, args, inherited, orphans);
	rollout_begin(supervisor.sections, config, inherited, problems, now_ms);
	if (problems->count == 0) {
		supervisor_set_config(&supervisor, config);
	}
	while (!is_over(&supervisor)) {
		turn(&supervisor, now_ms);
		notify_service_manager(&supervisor, now_ms);
		if (!is_over(&supervisor)) {
			wait_for_events(&supervisor, now_ms);
		}
		now_ms = clock_now_ms();
	}
	code = exit_code_of(&supervisor);
	supervisor_finish(&supervisor);
	return code;
}
