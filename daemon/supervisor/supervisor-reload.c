/* SPDX-License-Identifier: MIT */
/*
 * Reloads: begun when they are asked for, concluded when the new configuration has been checked,
 * and cancelled when shinyd stops. Whoever asked at the status socket gets the result.
 */
#include "supervisor/supervisor-internal.h"

#include "config/config-apply.h"
#include "log/log.h"
#include "reload/rollout.h"
#include "supervisor/signals.h"
#include "util/clock.h"

static void cancel_reload(struct supervisor *supervisor)
{
	reload_finish(&supervisor->reload); /* nobody would read from its child */
	status_server_begin_reload(&supervisor->status_server);
	status_server_reply_reload(&supervisor->status_server, EXIT_CODE_RUNTIME,
				   "shinyd is stopping");
}

static void refuse_reload(struct supervisor *supervisor)
{
	struct reload *reload = &supervisor->reload;
	static const char outcome[] = "the configuration is wrong; the old one is still served";
	char *problems = problems_text(&reload->problems);
	char *text = g_strdup_printf("%s%s", problems, outcome);

	problems_log(&reload->problems);
	log_write(SHINY_LOG_ERROR, "%s", outcome);
	status_server_reply_reload(&supervisor->status_server, EXIT_CODE_CONFIG, text);
	g_free(problems);
	g_free(text);
}

static void accept_reload(struct supervisor *supervisor, struct log_target *log)
{
	struct config *config = supervisor->reload.config;
	char *text = g_strdup_printf("%s: the configuration was reloaded", config->file);

	config_apply(config, log);
	supervisor_set_config(supervisor, config);
	log_write(SHINY_LOG_NOTICE, "the configuration was reloaded");
	status_server_reply_reload(&supervisor->status_server, EXIT_CODE_OK, text);
	g_free(text);
}

/* A new configuration has been checked: serve it, or report what is wrong with it. */
static void conclude_reload(struct supervisor *supervisor, int64_t now_ms)
{
	struct reload *reload = &supervisor->reload;
	struct log_target log = LOG_TARGET_STDERR;

	if (reload->problems.count == 0 &&
	    config_open_log(reload->config, &reload->problems, &log) == 0) {
		rollout_begin(supervisor->sections, reload->config, supervisor->inherited,
			      &reload->problems, now_ms);
	}
	if (reload->problems.count > 0) {
		refuse_reload(supervisor);
	} else {
		accept_reload(supervisor, &log);
	}
	log_target_close(&log);
	reload_finish(reload);
}

void supervisor_reload(struct supervisor *supervisor, bool asked, int64_t now_ms)
{
	if (supervisor->stops > 0) {
		cancel_reload(supervisor);
		return;
	}
	if (signals_take(SIGNAL_RELOAD) > 0 || asked) {
		supervisor->reload_asked = true;
		notify_reloading(&supervisor->notify, clock_now_us());
	}
	if (supervisor->reload_asked && supervisor->reload.config == NULL) {
		supervisor->reload_asked = false;
		status_server_begin_reload(&supervisor->status_server);
		reload_start(&supervisor->reload, supervisor->args);
	}
	if (supervisor->reload.config != NULL && reload_turn(&supervisor->reload, now_ms)) {
		conclude_reload(supervisor, now_ms);
	}
}
