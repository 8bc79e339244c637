/* SPDX-License-Identifier: MIT */
/*
 * What a worker tells the supervisor: one function a message.
 */
#include "section/child-messages.h"

#include "ipc/stats.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Messages that are read at once: a worker that never stops sending must not hold up others. */
#define READ_BATCH 64

/* A process that ends closes its channel some time before it can be reaped. */
#define CHANNEL_CLOSED_MAX_MS 1000

/* What a crash may take, with a core to be written. */
#define CRASH_MAX_MS (5 * 60 * 1000)

void child_close_channel(struct child *child)
{
	if (child->channel >= 0) {
		close(child->channel);
	}
	child->channel = -1;
}

static void on_log(struct child *child, const struct message *message, int64_t now_ms)
{
	enum shiny_log_level level =
		message->detail < SHINY_LOG_LEVEL_MAX ? message->detail : SHINY_LOG_ERROR;

	log_limit_write(&child->log_limit, level, message->text, now_ms);
}

/* A worker that was told to end while it loaded sends this, too, and serves nobody. */
static void on_ready(struct child *child, const struct message *message, int64_t now_ms)
{
	child->state = CHILD_SERVING;
	child->ready_ms = now_ms;
	watchdog_start(&child->watchdog, stats_steps(&child->shared->stats), now_ms);
	if (!child->stopping) {
		log_write(SHINY_LOG_NOTICE, "[%s] %s (worker %d)", child_title(child),
			  message->text, child->pid);
	}
}

static void on_failed(struct child *child, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	child->failed = true;
	log_write(SHINY_LOG_ERROR, "[%s] failed to load: %s", child_title(child), message->text);
}

static void on_ended(struct child *child, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	child->end_reason = message->detail;
}

/* The kernel ends it now, or soon its own alarm does. */
static void on_crash(struct child *child, const struct message *message, int64_t now_ms)
{
	child->state = CHILD_CRASHING;
	if (!child->stopping) {
		child->kill_ms = now_ms + CRASH_MAX_MS;
	}
	snprintf(child->crashed_in, sizeof(child->crashed_in), "%.31s", message->text);
	child->at_memory_limit = message->detail != 0;
}

static void on_frame(struct child *child, const struct message *message, int64_t now_ms)
{
	size_t used = strlen(child->backtrace);

	(void)now_ms;
	snprintf(child->backtrace + used, sizeof(child->backtrace) - used, "%s%s",
		 used > 0 ? " < " : "", message->text);
}

static void (*const handlers[MESSAGE_TYPE_MAX])(struct child *child, const struct message *message,
						int64_t now_ms) = {
	[MESSAGE_LOG] = on_log,	    [MESSAGE_READY] = on_ready, [MESSAGE_FAILED] = on_failed,
	[MESSAGE_ENDED] = on_ended, [MESSAGE_CRASH] = on_crash, [MESSAGE_FRAME] = on_frame,
};

/* Returns whether there was a message. */
static bool receive_message(struct child *child, int64_t now_ms)
{
	struct message message;
	int r;

	if (child->channel < 0) {
		return false;
	}
	r = channel_receive(child->channel, &message);
	if (r > 0) {
		handlers[message.type](child, &message, now_ms);
	} else if (r == -EPROTO) {
		child->channel_deadline_ms = now_ms;
	} else if (r != -EAGAIN) {
		child_close_channel(child);
		child->channel_deadline_ms = now_ms + CHANNEL_CLOSED_MAX_MS;
	}
	return r > 0;
}

bool child_receive(struct child *child, int64_t now_ms)
{
	unsigned n = 0;

	while (n < READ_BATCH && receive_message(child, now_ms)) {
		n++;
	}
	return n == READ_BATCH;
}
