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

/* Of a worker that is gone: more than a pipe holds. A child of it may still write there. */
#define REST_BATCHES_MAX 256

/* Of a title, where it stands before a line; the log cuts what is longer than a line. */
#define TITLE_MAX 256

/* Of a crash: the frames of two threads. */
#define CRASH_MESSAGES_MAX 64

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

void child_log(struct child *child, enum shiny_log_level level, const char *text, int64_t now_ms)
{
	int64_t per_s = child->job->section->values[SERVER_LOG_RATE].number;
	const char *title = child_title(child);
	size_t len = strlen(title);
	char line[TITLE_MAX + LOG_LINE_MAX];

	if (!log_rate_admit(child->log_rate, per_s, strlen(text), now_ms)) {
		return;
	}
	if (*text == '[' && strncmp(text + 1, title, len) == 0 &&
	    strncmp(text + 1 + len, "] ", 2) == 0) {
		text += 1 + len + 2;
	}
	snprintf(line, sizeof(line), "[%.*s] %s", TITLE_MAX - 4, title, text);
	log_limit_write(&child->log_limit, level, line, now_ms);
}

static bool on_log(struct child *child, const struct message *message, int64_t now_ms)
{
	child_log(child, message->detail, message->text, now_ms);
	return true;
}

/* A worker that was told to end while it loaded sends this, too, and serves nobody. */
static bool on_ready(struct child *child, const struct message *message, int64_t now_ms)
{
	if (child->state != CHILD_LOADING) {
		return false;
	}
	child->state = CHILD_SERVING;
	child->ready_ms = now_ms;
	watchdog_start(&child->watchdog, stats_steps(&child->shared->stats), now_ms);
	if (!child->stopping) {
		log_write(SHINY_LOG_NOTICE, "[%s] %s (worker %d)", child_title(child),
			  message->text, child->pid);
	}
	return true;
}

static bool on_failed(struct child *child, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	if (child->state != CHILD_LOADING || child->failed) {
		return false;
	}
	child->failed = true;
	log_write(SHINY_LOG_ERROR, "[%s] failed to load: %s", child_title(child), message->text);
	return true;
}

static bool on_ended(struct child *child, const struct message *message, int64_t now_ms)
{
	(void)now_ms;
	if (child->end_reason >= 0 || child->failed) {
		return false;
	}
	child->end_reason = message->detail;
	return true;
}

/*
 * The kernel ends it now, or soon its own alarm does. Another thread, or what a crash runs into in
 * its turn, may crash as well: the first one counts.
 */
static bool on_crash(struct child *child, const struct message *message, int64_t now_ms)
{
	if (child->state == CHILD_CRASHING) {
		return ++child->crash_messages <= CRASH_MESSAGES_MAX;
	}
	child->state = CHILD_CRASHING;
	if (!child->stopping) {
		child->kill_ms = now_ms + CRASH_MAX_MS;
	}
	snprintf(child->crashed_in, sizeof(child->crashed_in), "%.31s", message->text);
	child->at_memory_limit = message->detail != 0;
	return true;
}

static bool on_frame(struct child *child, const struct message *message, int64_t now_ms)
{
	size_t used = strlen(child->backtrace);

	(void)now_ms;
	if (child->state != CHILD_CRASHING || ++child->crash_messages > CRASH_MESSAGES_MAX) {
		return false;
	}
	snprintf(child->backtrace + used, sizeof(child->backtrace) - used, "%s%s",
		 used > 0 ? " < " : "", message->text);
	return true;
}

/* Each returns whether a worker may send that now. */
static bool (*const handlers[MESSAGE_TYPE_MAX])(struct child *child, const struct message *message,
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
	r = channel_receive(child->channel, &child->input, &message);
	if (r > 0 && !handlers[message.type](child, &message, now_ms)) {
		r = -EPROTO;
	}
	if (r == -EPROTO) {
		child->channel_garbled = true;
		child->channel_deadline_ms = now_ms;
	} else if (r <= 0 && r != -EAGAIN) {
		child->channel_deadline_ms = now_ms + CHANNEL_CLOSED_MAX_MS;
	}
	if (r <= 0 && r != -EAGAIN) {
		child_close_channel(child);
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

void child_receive_rest(struct child *child, int64_t now_ms)
{
	for (unsigned i = 0; i < REST_BATCHES_MAX && child_receive(child, now_ms); i++) {
	}
}
