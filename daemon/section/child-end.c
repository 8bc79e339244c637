/* SPDX-License-Identifier: MIT */
/*
 * How a worker ended, and what follows.
 *
 * There are four kinds of end: it was killed by us, its plugin did not load, it ended in order, and
 * all the others, which are crashes whatever their exit status.
 */
#include "section/child-end.h"

#include "ipc/stats.h"
#include "process/wait-status.h"
#include "section/child-messages.h"
#include "section/child-start.h"
#include "worker/crash.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

void child_restart_later(struct child *child, int64_t now_ms)
{
	int64_t served_ms = child->ready_ms != 0 ? now_ms - child->ready_ms : 0;
	unsigned delay_ms = backoff_next(&child->backoff, served_ms);

	child->state = CHILD_DUE;
	child->due_ms = now_ms + delay_ms;
	log_write(SHINY_LOG_NOTICE, "[%s] the next worker starts in %u ms", child_title(child),
		  delay_ms);
}

static void log_unexpected_end(const struct child *child, int status)
{
	const struct plugin_facts *plugin = &child->job->section->plugin;
	char how[128];

	wait_status_describe(status, how, sizeof(how));
	log_write(SHINY_LOG_ERROR, "[%s] worker %d (%s %s) %s%s%s%s%s%s", child_title(child),
		  child->pid, plugin->name, plugin->version, how,
		  *child->crashed_in != '\0' ? " in " : "", child->crashed_in,
		  WCOREDUMP(status) ? "; core dumped" : "",
		  *child->backtrace != '\0' ? "; backtrace: " : "", child->backtrace);
}

static bool has_served_long(const struct child *child, int64_t now_ms)
{
	return child->ready_ms != 0 && now_ms - child->ready_ms >= BACKOFF_HEALTHY_MS;
}

/* The signal may be an operator's, or the plugin's own, which may raise it again and again. */
static void replace_terminated(struct child *child, int64_t now_ms)
{
	log_write(SHINY_LOG_WARNING, "[%s] worker %d ended by SIGTERM, which shinyd did not send",
		  child_title(child), child->pid);
	if (has_served_long(child, now_ms)) {
		child->state = CHILD_DUE;
		child->due_ms = now_ms;
	} else {
		child_restart_later(child, now_ms);
	}
}

/* The worker announced its end. */
static void handle_orderly_end(struct child *child, int64_t now_ms)
{
	if (child->end_reason == END_BY_PLUGIN) {
		child->state = CHILD_ENDED;
	} else if (child->stopping) {
		child->state = CHILD_ENDED;
		log_write(SHINY_LOG_INFO, "[%s] worker %d ended", child_title(child), child->pid);
	} else {
		replace_terminated(child, now_ms);
	}
}

/* If the section has served before, what is missing may come back: a mount, disk space. */
static void handle_failed_load(struct child *child, int64_t now_ms)
{
	child->failed = true;
	if (!child->job->served || child->stopping) {
		child->state = CHILD_FAILED;
		return;
	}
	child->state = CHILD_DUE;
	child->due_ms = now_ms + CHILD_RETRY_MS;
	log_write(SHINY_LOG_NOTICE, "[%s] its plugin is loaded again in %d s", child_title(child),
		  CHILD_RETRY_MS / 1000);
}

static bool was_killed(const struct child *child, int status)
{
	return child->killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* The status does not matter: exit(0) in a plugin is a crash, too. */
static void handle_crash(struct child *child, int status, int64_t now_ms)
{
	log_unexpected_end(child, status);
	if (child->stopping) {
		child->state = CHILD_ENDED;
	} else if (child->job->section->values[SERVER_ON_CRASH].number == ON_CRASH_STOP) {
		child->state = CHILD_FAILED;
		log_write(SHINY_LOG_ERROR, "[%s] no other worker is started: on_crash = stop",
			  child_title(child));
	} else if (strcmp(child->crashed_in, CRASH_IN_DLOPEN) == 0) {
		log_write(SHINY_LOG_ERROR, "[%s] %s%s cannot be loaded", child_title(child),
			  child->job->served ? "" : "no other worker is started: ",
			  child->job->section->plugin.path);
		handle_failed_load(child, now_ms);
	} else if (child->at_memory_limit &&
		   !has_served_long(child, now_ms)) { /* it would need it again */
		child->state = CHILD_FAILED;
		log_write(
			SHINY_LOG_ERROR,
			"[%s] no other worker is started: it reached its memory limit, memory = %s",
			child_title(child), child->job->section->values[SERVER_MEMORY].text);
	} else {
		child_restart_later(child, now_ms);
	}
}

/* A worker that was killed, or left by _exit(2), could not report where it was. */
static void set_crashed_in(struct child *child)
{
	const char *event = stats_running_event(&child->shared->stats);

	if (*child->crashed_in == '\0' && event != NULL) {
		snprintf(child->crashed_in, sizeof(child->crashed_in), "%s", event);
	}
}

void child_end(struct child *child, int status, int64_t now_ms)
{
	child_receive_rest(child, now_ms);
	child_log_output(child);
	child_close_channel(child);
	log_limit_report(&child->log_limit, INT64_MAX);
	log_rate_report(child->log_rate, child_title(child), INT64_MAX);
	notices_report(&child->notices, &child->shared->notices, child->job->section, INT64_MAX);
	set_crashed_in(child);
	if (!stats_has_ticked(&child->shared->stats)) {
		child->ready_ms = 0;
	}
	child->served = child->served || child->ready_ms != 0;
	if (was_killed(child, status)) {
		child->state = CHILD_ENDED;
		log_write(SHINY_LOG_INFO, "[%s] worker %d was ended at once", child_title(child),
			  child->pid);
	} else if (child->failed) {
		handle_failed_load(child, now_ms);
	} else if (child->end_reason < 0) {
		handle_crash(child, status, now_ms);
	} else {
		if (status != 0) {
			log_unexpected_end(child, status);
		}
		handle_orderly_end(child, now_ms);
	}
	child_release(child); /* it has no connections any more */
	siblings_clear(&child->job->siblings, child->index);
	child->pid = 0;
	child->kill_ms = INT64_MAX;
}
