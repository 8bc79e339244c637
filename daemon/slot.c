/* SPDX-License-Identifier: MIT */
/*
 * One worker as its supervisor sees it.
 */
#include "slot.h"

#include "wait-status.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/wait.h>
#include <unistd.h>

/* Messages that are taken in at once: a worker that never stops talking must not keep the others. */
#define READ_BATCH 64

/* What a worker gets to end before it is killed, beyond drain_timeout or for its last words. */
#define GRACE_MS 5000

static const char *title(const struct slot *slot)
{
	return slot->job->section->title;
}

int slot_init(struct slot *slot, const struct worker_job *job, int64_t due_ms)
{
	*slot = (struct slot){
		.job = job,
		.shared = stats_create(),
		.state = SLOT_DUE,
		.channel = -1,
		.due_ms = due_ms,
		.kill_ms = INT64_MAX,
	};
	return slot->shared != NULL ? 0 : -errno;
}

static void close_channel(struct slot *slot)
{
	if (slot->channel >= 0) {
		close(slot->channel);
	}
	slot->channel = -1;
}

void slot_finish(struct slot *slot)
{
	close_channel(slot);
	stats_destroy(slot->shared);
	*slot = (struct slot){ .channel = -1 };
}

static void restart_later(struct slot *slot, int64_t now_ms)
{
	int64_t served_ms = slot->ready_ms != 0 ? now_ms - slot->ready_ms : 0;
	unsigned delay_ms = backoff_next(&slot->backoff, served_ms);

	slot->state = SLOT_DUE;
	slot->due_ms = now_ms + delay_ms;
	log_write(SHINY_LOG_NOTICE, "[%s] the next worker starts in %u ms", title(slot), delay_ms);
}

static int fork_worker(const struct worker_job *job, struct shared *shared, pid_t *ret_pid,
		       int *ret_channel)
{
	pid_t supervisor = getpid();
	int ours, theirs, r;
	pid_t pid;

	r = channel_create(&ours, &theirs);
	if (r < 0) {
		return r;
	}
	fflush(NULL); /* lest the child write it again */
	pid = fork();
	if (pid == 0) {
		exit(worker_main(job, shared, theirs, supervisor));
	}
	r = pid < 0 ? -errno : 0;
	close(theirs);
	if (r < 0) {
		close(ours);
		return r;
	}
	*ret_pid = pid;
	*ret_channel = ours;
	return 0;
}

/* A fork that fails counts as a crash. */
static void start(struct slot *slot, int64_t now_ms)
{
	int r;

	slot->ready_ms = 0;
	slot->end_reason = -1;
	slot->failed = false;
	slot->where[0] = '\0';
	slot->starts++;
	stats_reset(slot->shared);
	r = fork_worker(slot->job, slot->shared, &slot->pid, &slot->channel);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] cannot start a worker: %s", title(slot),
			  strerror(-r));
		restart_later(slot, now_ms);
		return;
	}
	slot->state = SLOT_LOADING;
}

static void take_log(struct slot *slot, const struct message *message, int64_t now_ms)
{
	(void)slot;
	(void)now_ms;
	log_write(message->detail < SHINY_LOG_LEVEL_MAX ? message->detail : SHINY_LOG_ERROR, "%s",
		  message->text);
}

static void take_ready(struct slot *slot, const struct message *message, int64_t now_ms)
{
	slot->state = SLOT_SERVING;
	slot->ready_ms = now_ms;
	watchdog_start(&slot->watchdog, stats_get(&slot->shared->stats.turns), now_ms);
	log_write(SHINY_LOG_NOTICE, "[%s] %s (worker %d)", title(slot), message->text, slot->pid);
}

static void take_failed(struct slot *slot, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	slot->failed = true;
	log_write(SHINY_LOG_ERROR, "[%s] failed to load: %s", title(slot), message->text);
}

static void take_ended(struct slot *slot, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	slot->end_reason = message->detail;
}

static void take_crash(struct slot *slot, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	snprintf(slot->where, sizeof(slot->where), "%.31s", message->text);
	log_write(SHINY_LOG_ERROR, "[%s] worker %d crashes%s%s; backtrace:", title(slot), slot->pid,
		  *slot->where != '\0' ? " in " : "", slot->where);
}

static void (*const takers[MESSAGE_TYPE_MAX])(struct slot *slot, const struct message *message,
					      int64_t now_ms) = {
	[MESSAGE_LOG] = take_log,     [MESSAGE_READY] = take_ready, [MESSAGE_FAILED] = take_failed,
	[MESSAGE_ENDED] = take_ended, [MESSAGE_CRASH] = take_crash,
};

/* Whether there was a message. */
static bool read_message(struct slot *slot, int64_t now_ms)
{
	struct message message;
	int r;

	if (slot->channel < 0) {
		return false;
	}
	r = channel_receive(slot->channel, &message);
	if (r > 0) {
		takers[message.type](slot, &message, now_ms);
	} else if (r != -EAGAIN) {
		close_channel(slot); /* its end; the process' own is told by SIGCHLD */
	}
	return r > 0;
}

/* Kills a worker that hangs, so that the log tells where; if even that hangs, for good. */
static void look_after(struct slot *slot, int64_t now_ms)
{
	const struct shiny_stats *stats = &slot->shared->stats;
	int64_t limit_ms = slot->job->section->values[SERVER_WATCHDOG].number;
	const char *event;

	if (!watchdog_look(&slot->watchdog, stats_get(&stats->turns), limit_ms, now_ms) ||
	    slot->kill_ms != INT64_MAX) {
		return;
	}
	if (watchdog_traced(slot->pid)) {
		watchdog_excuse(&slot->watchdog, now_ms);
		return;
	}
	event = stats_running(stats);
	log_write(SHINY_LOG_ERROR, "[%s] worker %d has not turned for %.1f s and is killed%s%s",
		  title(slot), slot->pid, (double)(now_ms - slot->watchdog.turned_ms) / 1000,
		  event != NULL ? "; it hangs in " : "", event != NULL ? event : "");
	kill(slot->pid, SIGABRT);
	slot->kill_ms = now_ms + GRACE_MS;
}

void slot_turn(struct slot *slot, int64_t now_ms)
{
	for (unsigned n = 0; n < READ_BATCH && read_message(slot, now_ms); n++) {
	}
	if (slot->state == SLOT_SERVING && !slot->stopping) {
		look_after(slot, now_ms);
	}
	if (slot->pid > 0 && slot->kill_ms <= now_ms) {
		slot->kill_ms = INT64_MAX;
		kill(slot->pid, SIGKILL);
	}
	if (slot->state == SLOT_DUE && slot->due_ms <= now_ms) {
		start(slot, now_ms);
	}
}

int64_t slot_timeout(const struct slot *slot)
{
	int64_t timeout_ms = slot->pid > 0 ? slot->kill_ms : INT64_MAX;

	if (slot->state == SLOT_DUE) {
		timeout_ms = MIN(timeout_ms, slot->due_ms);
	}
	if (slot->state == SLOT_SERVING && !slot->stopping) {
		timeout_ms = MIN(timeout_ms, slot->watchdog.look_ms);
	}
	return timeout_ms;
}

static void log_death(const struct slot *slot, int status)
{
	const struct plugin_facts *plugin = &slot->job->section->plugin;
	char how[128];

	wait_status_describe(status, how, sizeof(how));
	log_write(SHINY_LOG_ERROR, "[%s] worker %d (%s %s) %s%s%s", title(slot), slot->pid,
		  plugin->name, plugin->version, how, *slot->where != '\0' ? " in " : "",
		  slot->where);
}

/* It said that it ends, and did so. */
static void judge_end(struct slot *slot, int64_t now_ms)
{
	if (slot->end_reason == END_BY_PLUGIN) {
		slot->state = SLOT_ENDED;
	} else if (slot->stopping) {
		slot->state = SLOT_ENDED;
		log_write(SHINY_LOG_INFO, "[%s] worker %d ended", title(slot), slot->pid);
	} else {
		slot->state = SLOT_DUE;
		slot->due_ms = now_ms;
		log_write(SHINY_LOG_NOTICE, "[%s] worker %d ended by a signal; another one starts",
			  title(slot), slot->pid);
	}
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
			  title(slot));
	} else {
		restart_later(slot, now_ms);
	}
}

static void exited(struct slot *slot, int status, int64_t now_ms)
{
	while (read_message(slot, now_ms)) {
	}
	close_channel(slot);
	if (slot->failed) {
		slot->state = SLOT_FAILED;
	} else if (slot->end_reason < 0) {
		judge_crash(slot, status, now_ms);
	} else {
		if (status != 0) {
			log_death(slot, status);
		}
		judge_end(slot, now_ms);
	}
	stats_reset(slot->shared); /* it has no connections any more */
	slot->pid = 0;
	slot->kill_ms = INT64_MAX;
}

void slot_reap(struct slot *slot, int64_t now_ms)
{
	int status;

	if (slot->pid > 0 && waitpid(slot->pid, &status, WNOHANG) == slot->pid) {
		exited(slot, status, now_ms);
	}
}

void slot_stop(struct slot *slot, int64_t now_ms)
{
	slot->stopping = true;
	if (slot->pid > 0) {
		kill(slot->pid, SIGTERM);
		slot->kill_ms = now_ms + slot->shared->drain_timeout_ms + GRACE_MS;
	} else if (slot->state == SLOT_DUE) {
		slot->state = SLOT_ENDED;
	}
}

void slot_revive(struct slot *slot, int64_t now_ms)
{
	slot->stopping = false;
	slot->state = SLOT_DUE;
	slot->due_ms = now_ms;
}

void slot_kill(struct slot *slot)
{
	slot->stopping = true;
	if (slot->pid > 0) {
		kill(slot->pid, SIGKILL);
	}
}
