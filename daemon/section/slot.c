/* SPDX-License-Identifier: MIT */
/*
 * One worker as its supervisor sees it.
 */
#include "section/slot.h"

#include "process/memory-limit.h"
#include "section/slot-end.h"
#include "section/slot-messages.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a worker gets to end before it is killed, beyond drain_timeout or for its last words. */
#define GRACE_MS 5000

/* The longest time between two lines that tell of a load that takes long. */
#define LATE_AGAIN_MAX_MS (5 * 60 * 1000)

int slot_init(struct slot *slot, const struct worker_job *job, unsigned index)
{
	*slot = (struct slot){
		.job = job,
		.index = index,
		.shared = stats_create(),
		.state = SLOT_DUE,
		.channel = -1,
		.due_ms = INT64_MAX,
		.kill_ms = INT64_MAX,
		.mute_ms = INT64_MAX,
	};
	return slot->shared != NULL ? 0 : -errno;
}

void slot_finish(struct slot *slot)
{
	slot_close_channel(slot);
	stats_destroy(slot->shared);
	*slot = (struct slot){ .channel = -1 };
}

static int fork_worker(const struct slot *slot, pid_t *ret_pid, int *ret_channel)
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
		exit(worker_main(slot->job, slot->index, slot->shared, theirs, supervisor));
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
	slot->killed = false;
	slot->where[0] = '\0';
	slot->backtrace[0] = '\0';
	slot->at_ceiling = false;
	slot->broken = false;
	slot->mute_ms = INT64_MAX;
	slot->started_ms = now_ms;
	slot->late_ms = now_ms + SLOT_LOADS_LONG_MS;
	slot->notices = (struct notices_told){ 0 };
	slot->starts++;
	stats_reset(slot->shared);
	r = fork_worker(slot, &slot->pid, &slot->channel);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] cannot start a worker: %s", slot_title(slot),
			  strerror(-r));
		slot_restart_later(slot, now_ms);
		return;
	}
	slot->state = SLOT_LOADING;
}

/* Kills a worker that hangs, so that the log tells where; if even that hangs, for good. */
static void look_after(struct slot *slot, int64_t now_ms)
{
	const struct shiny_stats *stats = &slot->shared->stats;
	int64_t limit_ms = slot->job->section->values[SERVER_WATCHDOG].number;
	const char *event;

	if (!watchdog_look(&slot->watchdog, stats_steps(stats), limit_ms, now_ms) ||
	    slot->kill_ms != INT64_MAX) {
		return;
	}
	if (watchdog_traced(slot->pid)) {
		watchdog_excuse(&slot->watchdog, now_ms);
		return;
	}
	event = stats_running(stats);
	log_write(SHINY_LOG_ERROR, "[%s] worker %d has not turned for %.1f s and is killed%s%s",
		  slot_title(slot), slot->pid, (double)(now_ms - slot->watchdog.turned_ms) / 1000,
		  event != NULL ? "; it hangs in " : "", event != NULL ? event : "");
	kill(slot->pid, SIGABRT);
	slot->kill_ms = now_ms + GRACE_MS;
}

static void look_at_memory(struct slot *slot)
{
	const struct shiny_value *memory = &slot->job->section->values[SERVER_MEMORY];

	if (!slot->at_ceiling && memory_limit_reached(slot->pid, memory->number)) {
		slot->at_ceiling = true;
		log_write(SHINY_LOG_WARNING, "[%s] worker %d is at its ceiling, memory = %s",
			  slot_title(slot), slot->pid, memory->text);
	}
}

/* What was to end, or to die, and has not. */
static void kill_late(struct slot *slot, int64_t now_ms)
{
	const char *event = stats_running(&slot->shared->stats);

	if (slot->stopping || slot->broken) {
		log_write(SHINY_LOG_WARNING,
			  "[%s] worker %d has not ended in time and is killed%s%s",
			  slot_title(slot), slot->pid, event != NULL ? "; it hangs in " : "",
			  event != NULL ? event : "");
	}
	kill(slot->pid, SIGKILL);
	slot->kill_ms = now_ms + GRACE_MS;
}

/* One that still loads has no clients to drain. */
static int64_t time_to_end_ms(const struct slot *slot)
{
	return (slot->state == SLOT_LOADING ? 0 : slot->shared->drain_timeout_ms) + GRACE_MS;
}

/*
 * What is heard of it no more, and what it does, nobody can tell: a plugin wrote into its channel,
 * or closed it, with who knows what else. It may drain before the next one starts.
 */
static void give_up(struct slot *slot, int64_t now_ms)
{
	log_write(SHINY_LOG_ERROR, "[%s] worker %d is ended, as %s", slot_title(slot), slot->pid,
		  slot->channel >= 0 ? "what it says is no message of a worker's"
				     : "its channel to shinyd was closed");
	slot_close_channel(slot);
	slot->broken = true;
	kill(slot->pid, SIGTERM);
	slot->kill_ms = MIN(slot->kill_ms, now_ms + time_to_end_ms(slot));
}

/* A load that hangs says nothing itself: after 5 s, 10, 20 and so on, at least every five minutes. */
static void log_long_load(struct slot *slot, int64_t now_ms)
{
	int64_t took_ms = now_ms - slot->started_ms;

	log_write(SHINY_LOG_WARNING, "[%s] worker %d is still loading after %" PRId64 " s",
		  slot_title(slot), slot->pid, took_ms / 1000);
	slot->late_ms = now_ms + MIN(took_ms, LATE_AGAIN_MAX_MS);
}

/* Whether something of it is to be looked at, which it is not while it ends. */
static bool is_on_duty(const struct slot *slot)
{
	return (slot->state == SLOT_LOADING || slot->state == SLOT_SERVING) && !slot->stopping &&
	       !slot->broken && slot->end_reason < 0 && !slot->failed;
}

void slot_turn(struct slot *slot, int64_t now_ms)
{
	slot_hear(slot, now_ms);
	repeats_tell(&slot->repeats, now_ms);
	notices_tell(&slot->notices, &slot->shared->notices, slot->job->section, now_ms);
	if (is_on_duty(slot) && slot->mute_ms <= now_ms) {
		give_up(slot, now_ms);
	}
	if (is_on_duty(slot) && slot->state == SLOT_LOADING && slot->late_ms <= now_ms) {
		log_long_load(slot, now_ms);
	}
	if (slot->state == SLOT_SERVING && !slot->stopping && slot->watchdog.look_ms <= now_ms) {
		look_at_memory(slot);
		look_after(slot, now_ms);
	}
	if (slot->pid > 0 && slot->kill_ms <= now_ms) {
		kill_late(slot, now_ms);
	}
	if (slot->state == SLOT_DUE && slot->due_ms <= now_ms) {
		start(slot, now_ms);
	}
}

int64_t slot_timeout(const struct slot *slot)
{
	int64_t timeout_ms = slot->pid > 0 ? slot->kill_ms : INT64_MAX;

	timeout_ms = MIN(timeout_ms, repeats_timeout(&slot->repeats));
	timeout_ms = MIN(timeout_ms, notices_timeout(&slot->notices));
	if (is_on_duty(slot)) {
		timeout_ms = MIN(timeout_ms, slot->mute_ms);
	}
	if (is_on_duty(slot) && slot->state == SLOT_LOADING) {
		timeout_ms = MIN(timeout_ms, slot->late_ms);
	}
	if (slot->state == SLOT_DUE) {
		timeout_ms = MIN(timeout_ms, slot->due_ms);
	}
	if (slot->state == SLOT_SERVING && !slot->stopping) {
		timeout_ms = MIN(timeout_ms, slot->watchdog.look_ms);
	}
	return timeout_ms;
}

void slot_reap(struct slot *slot, int64_t now_ms)
{
	int status;

	if (slot->pid > 0 && waitpid(slot->pid, &status, WNOHANG) == slot->pid) {
		slot_end(slot, status, now_ms);
	}
}

void slot_start(struct slot *slot, int64_t now_ms)
{
	if (slot_waits(slot)) {
		slot->due_ms = now_ms;
	}
}

void slot_retry(struct slot *slot, int64_t now_ms)
{
	if (slot_retries(slot)) {
		slot->due_ms = now_ms;
	}
}

void slot_stop(struct slot *slot, int64_t now_ms)
{
	slot->stopping = true;
	if (slot->state == SLOT_DUE) {
		slot->state = SLOT_ENDED;
	}
	if (slot->pid == 0) {
		return;
	}
	/* To a worker that drains a second signal would mean to end at once. */
	if (slot->kill_ms == INT64_MAX) {
		kill(slot->pid, SIGTERM);
	}
	slot->kill_ms = MIN(slot->kill_ms, now_ms + time_to_end_ms(slot));
}

void slot_return(struct slot *slot)
{
	if (slot->stopping && slot->state == SLOT_ENDED) {
		slot->state = SLOT_DUE;
		slot->due_ms = INT64_MAX;
		slot->failed = false;
	}
	slot->stopping = false;
}

void slot_kill(struct slot *slot)
{
	slot->stopping = true;
	if (slot->pid > 0) {
		slot->killed = true;
		kill(slot->pid, SIGKILL);
	}
}
