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
#include <sys/wait.h>
#include <unistd.h>

/* Messages that are taken in at once: a worker that never stops talking must not keep the others. */
#define READ_BATCH 64

static const char *title(const struct slot *slot)
{
	return slot->job->section->title;
}

void slot_init(struct slot *slot, const struct worker_job *job, int64_t now_ms)
{
	*slot = (struct slot){ .job = job, .state = SLOT_DUE, .channel = -1, .due_ms = now_ms };
}

static void close_channel(struct slot *slot)
{
	if (slot->channel >= 0) {
		close(slot->channel);
	}
	slot->channel = -1;
}

static void restart_later(struct slot *slot, int64_t now_ms)
{
	int64_t served_ms = slot->ready_ms != 0 ? now_ms - slot->ready_ms : 0;
	unsigned delay_ms = backoff_next(&slot->backoff, served_ms);

	slot->state = SLOT_DUE;
	slot->due_ms = now_ms + delay_ms;
	log_write(SHINY_LOG_NOTICE, "[%s] the next worker starts in %u ms", title(slot), delay_ms);
}

static int fork_worker(const struct worker_job *job, pid_t *ret_pid, int *ret_channel)
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
		exit(worker_main(job, theirs, supervisor));
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

void slot_start(struct slot *slot, int64_t now_ms)
{
	int r;

	slot->ready_ms = 0;
	slot->end_reason = -1;
	slot->failed = false;
	slot->where[0] = '\0';
	r = fork_worker(slot->job, &slot->pid, &slot->channel);
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

void slot_read(struct slot *slot, int64_t now_ms)
{
	for (unsigned n = 0; n < READ_BATCH && read_message(slot, now_ms); n++) {
	}
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

void slot_exited(struct slot *slot, int status, int64_t now_ms)
{
	while (read_message(slot, now_ms)) {
	}
	close_channel(slot);
	if (slot->failed) {
		slot->state = SLOT_FAILED;
	} else if (slot->end_reason >= 0) {
		if (status != 0) {
			log_death(slot, status);
		}
		judge_end(slot, now_ms);
	} else {
		/* Whatever the status: exit(0) in a plugin is a crash too. */
		log_death(slot, status);
		if (slot->stopping) {
			slot->state = SLOT_ENDED;
		} else {
			restart_later(slot, now_ms);
		}
	}
	slot->pid = 0;
}

void slot_stop(struct slot *slot, int signal)
{
	slot->stopping = true;
	if (slot->pid > 0) {
		kill(slot->pid, signal);
	} else if (slot->state == SLOT_DUE) {
		slot->state = SLOT_ENDED;
	}
}
