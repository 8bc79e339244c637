/* SPDX-License-Identifier: MIT */
/*
 * How a worker ended, and what its slot does next.
 */
#include "section/slot-end.h"

#include "process/wait-status.h"
#include "section/slot-messages.h"
#include "worker/crash.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

void slot_restart_later(struct slot *slot, int64_t now_ms)
{
	int64_t served_ms = slot->ready_ms != 0 ? now_ms - slot->ready_ms : 0;
	unsigned delay_ms = backoff_next(&slot->backoff, served_ms);

	slot->state = SLOT_DUE;
	slot->due_ms = now_ms + delay_ms;
	log_write(SHINY_LOG_NOTICE, "[%s] the next worker starts in %u ms", slot_title(slot),
		  delay_ms);
}

static void log_death(const struct slot *slot, int status)
{
	const struct plugin_facts *plugin = &slot->job->section->plugin;
	char how[128];

	wait_status_describe(status, how, sizeof(how));
	log_write(SHINY_LOG_ERROR, "[%s] worker %d (%s %s) %s%s%s%s%s%s", slot_title(slot),
		  slot->pid, plugin->name, plugin->version, how, *slot->where != '\0' ? " in " : "",
		  slot->where, WCOREDUMP(status) ? "; core dumped" : "",
		  *slot->backtrace != '\0' ? "; backtrace: " : "", slot->backtrace);
}

static bool has_been_well(const struct slot *slot, int64_t now_ms)
{
	return slot->ready_ms != 0 && now_ms - slot->ready_ms >= BACKOFF_HEALTHY_MS;
}

/* A signal may be an operator's, or the plugin's own, which would raise it again and again. */
static void replace_ended(struct slot *slot, int64_t now_ms)
{
	log_write(SHINY_LOG_WARNING, "[%s] worker %d ended by SIGTERM, which shinyd did not send",
		  slot_title(slot), slot->pid);
	if (has_been_well(slot, now_ms)) {
		slot->state = SLOT_DUE;
		slot->due_ms = now_ms;
	} else {
		slot_restart_later(slot, now_ms);
	}
}

/* It said that it ends, and did so. */
static void judge_end(struct slot *slot, int64_t now_ms)
{
	if (slot->end_reason == END_BY_PLUGIN) {
		slot->state = SLOT_ENDED;
	} else if (slot->stopping) {
		slot->state = SLOT_ENDED;
		log_write(SHINY_LOG_INFO, "[%s] worker %d ended", slot_title(slot), slot->pid);
	} else {
		replace_ended(slot, now_ms);
	}
}

/* What a section that has served lacks now may come back: a mount, a folder, room on a disk. */
static void judge_failed_load(struct slot *slot, int64_t now_ms)
{
	slot->failed = true;
	if (!slot->job->served || slot->stopping) {
		slot->state = SLOT_FAILED;
		return;
	}
	slot->state = SLOT_DUE;
	slot->due_ms = now_ms + SLOT_RETRY_MS;
	log_write(SHINY_LOG_NOTICE, "[%s] it is loaded again in %d s", slot_title(slot),
		  SLOT_RETRY_MS / 1000);
}

static bool was_killed(const struct slot *slot, int status)
{
	return slot->killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* Whatever the status: exit(0) in a plugin is a crash too. */
static void judge_crash(struct slot *slot, int status, int64_t now_ms)
{
	log_death(slot, status);
	if (slot->stopping) {
		slot->state = SLOT_ENDED;
	} else if (slot->job->section->values[SERVER_ON_CRASH].number == ON_CRASH_STOP) {
		slot->state = SLOT_FAILED;
		log_write(SHINY_LOG_ERROR, "[%s] no other worker starts: on_crash = stop",
			  slot_title(slot));
	} else if (strcmp(slot->where, CRASH_IN_DLOPEN) == 0) {
		log_write(SHINY_LOG_ERROR, "[%s] %s%s cannot be loaded", slot_title(slot),
			  slot->job->served ? "" : "no other worker starts: ",
			  slot->job->section->plugin.path);
		judge_failed_load(slot, now_ms);
	} else if (slot->at_ceiling && !has_been_well(slot, now_ms)) { /* it would need it again */
		slot->state = SLOT_FAILED;
		log_write(SHINY_LOG_ERROR,
			  "[%s] no other worker starts: it was at its ceiling, memory = %s",
			  slot_title(slot), slot->job->section->values[SERVER_MEMORY].text);
	} else {
		slot_restart_later(slot, now_ms);
	}
}

/* One that was killed, or left by _exit(2), had no last words. */
static void note_whereabouts(struct slot *slot)
{
	const char *event = stats_running(&slot->shared->stats);

	if (*slot->where == '\0' && event != NULL) {
		snprintf(slot->where, sizeof(slot->where), "%s", event);
	}
}

void slot_end(struct slot *slot, int status, int64_t now_ms)
{
	while (slot_hear(slot, now_ms)) {
	}
	slot_close_channel(slot);
	repeats_tell(&slot->repeats, INT64_MAX);
	notices_tell(&slot->notices, &slot->shared->notices, slot->job->section, INT64_MAX);
	note_whereabouts(slot);
	if (!stats_began(&slot->shared->stats)) {
		slot->ready_ms = 0;
	}
	slot->served = slot->served || slot->ready_ms != 0;
	if (was_killed(slot, status)) {
		slot->state = SLOT_ENDED;
		log_write(SHINY_LOG_INFO, "[%s] worker %d was ended at once", slot_title(slot),
			  slot->pid);
	} else if (slot->failed) {
		judge_failed_load(slot, now_ms);
	} else if (slot->end_reason < 0) {
		judge_crash(slot, status, now_ms);
	} else {
		if (status != 0) {
			log_death(slot, status);
		}
		judge_end(slot, now_ms);
	}
	stats_reset(slot->shared); /* it has no connections any more */
	siblings_forget(&slot->job->siblings, slot->index);
	slot->pid = 0;
	slot->kill_ms = INT64_MAX;
}
