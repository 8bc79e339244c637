/* SPDX-License-Identifier: MIT */
/*
 * What a worker tells its slot: one function a message.
 */
#include "section/slot-messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Messages that are taken in at once: a worker that never stops talking must not keep others. */
#define READ_BATCH 64

/* A process that ends closes its channel before SIGCHLD tells of it. */
#define MUTE_MAX_MS 1000

/* What a crash may take, with a core to be written. */
#define CRASH_MAX_MS (5 * 60 * 1000)

void slot_close_channel(struct slot *slot)
{
	if (slot->channel >= 0) {
		close(slot->channel);
	}
	slot->channel = -1;
}

static void take_log(struct slot *slot, const struct message *message, int64_t now_ms)
{
	enum shiny_log_level level =
		message->detail < SHINY_LOG_LEVEL_MAX ? message->detail : SHINY_LOG_ERROR;

	repeats_log(&slot->repeats, level, message->text, now_ms);
}

/* One that was told to end as it loaded still says so, and serves nobody. */
static void take_ready(struct slot *slot, const struct message *message, int64_t now_ms)
{
	slot->state = SLOT_SERVING;
	slot->ready_ms = now_ms;
	watchdog_start(&slot->watchdog, stats_steps(&slot->shared->stats), now_ms);
	if (!slot->stopping) {
		log_write(SHINY_LOG_NOTICE, "[%s] %s (worker %d)", slot_title(slot), message->text,
			  slot->pid);
	}
}

static void take_failed(struct slot *slot, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	slot->failed = true;
	log_write(SHINY_LOG_ERROR, "[%s] failed to load: %s", slot_title(slot), message->text);
}

static void take_ended(struct slot *slot, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	slot->end_reason = message->detail;
}

/* From here on it is in the kernel's hands, or soon in those of its alarm. */
static void take_crash(struct slot *slot, const struct message *message, int64_t now_ms)
{
	slot->state = SLOT_CRASHING;
	if (!slot->stopping) {
		slot->kill_ms = now_ms + CRASH_MAX_MS;
	}
	snprintf(slot->where, sizeof(slot->where), "%.31s", message->text);
	slot->at_ceiling = message->detail != 0;
}

static void take_frame(struct slot *slot, const struct message *message, int64_t now_ms)
{
	size_t used = strlen(slot->backtrace);

	(void)now_ms;
	snprintf(slot->backtrace + used, sizeof(slot->backtrace) - used, "%s%s",
		 used > 0 ? " < " : "", message->text);
}

static void (*const takers[MESSAGE_TYPE_MAX])(struct slot *slot, const struct message *message,
					      int64_t now_ms) = {
	[MESSAGE_LOG] = take_log,     [MESSAGE_READY] = take_ready, [MESSAGE_FAILED] = take_failed,
	[MESSAGE_ENDED] = take_ended, [MESSAGE_CRASH] = take_crash, [MESSAGE_FRAME] = take_frame,
};

/* Whether there was a message. */
static bool hear_one(struct slot *slot, int64_t now_ms)
{
	struct message message;
	int r;

	if (slot->channel < 0) {
		return false;
	}
	r = channel_receive(slot->channel, &message);
	if (r > 0) {
		takers[message.type](slot, &message, now_ms);
	} else if (r == -EPROTO) {
		slot->mute_ms = now_ms;
	} else if (r != -EAGAIN) {
		slot_close_channel(slot);
		slot->mute_ms = now_ms + MUTE_MAX_MS;
	}
	return r > 0;
}

bool slot_hear(struct slot *slot, int64_t now_ms)
{
	unsigned n = 0;

	while (n < READ_BATCH && hear_one(slot, now_ms)) {
		n++;
	}
	return n == READ_BATCH;
}
