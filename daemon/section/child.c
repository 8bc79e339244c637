/* SPDX-License-Identifier: MIT */
/*
 * One worker as its supervisor sees it: started, watched, stopped and killed.
 *
 * child_turn() does what is due, and child_timeout() says when something will be. What a worker
 * says is in child-messages.c, what follows its end in child-end.c.
 */
#include "section/child.h"

#include "ipc/stats.h"
#include "process/memory-limit.h"
#include "section/child-end.h"
#include "section/child-messages.h"
#include "section/child-start.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a worker has to end beyond drain_timeout, or to report a crash, before it is killed. */
#define GRACE_MS 5000

/* How long a worker is not read that has sent as much as is fair, and goes on. */
#define READ_PAUSE_MS 20

/* The longest time between two lines about a load that takes long. */
#define LOAD_WARNING_MAX_MS (5 * 60 * 1000)

void child_init(struct child *child, const struct worker_job *job, unsigned index,
		struct log_rate *log_rate)
{
	*child = (struct child){
		.job = job,
		.index = index,
		.log_rate = log_rate,
		.state = CHILD_DUE,
		.channel = -1,
		.output = { .fd = -1 },
		.pages = PAGES_INIT,
		.due_ms = INT64_MAX,
		.kill_ms = INT64_MAX,
		.channel_deadline_ms = INT64_MAX,
	};
	child_release(child);
}

void child_finish(struct child *child)
{
	child_release(child);
}

void child_control(struct child *child, const struct control *control)
{
	child->control = *control;
	if (child->pages.control != NULL) {
		*child->pages.control = *control;
	}
}

size_t child_watch(const struct child *child, struct pollfd *ret_fds, int64_t now_ms)
{
	size_t n = 0;

	if (child->read_ms > now_ms) {
		return 0;
	}
	if (child->channel >= 0) {
		ret_fds[n++] = (struct pollfd){ child->channel, POLLIN, 0 };
	}
	if (child->output.fd >= 0) {
		ret_fds[n++] = (struct pollfd){ child->output.fd, POLLIN, 0 };
	}
	return n;
}

/* One that cannot be started counts as a crash. */
static void start_worker(struct child *child, int64_t now_ms)
{
	int r;

	child->ready_ms = 0;
	child->end_reason = -1;
	child->failed = false;
	child->killed = false;
	child->crashed_in[0] = '\0';
	child->backtrace[0] = '\0';
	child->at_memory_limit = false;
	child->crash_messages = 0;
	child->read_ms = 0;
	child->input.begin = child->input.end = 0;
	child->channel_garbled = false;
	child->channel_broken = false;
	child->channel_deadline_ms = INT64_MAX;
	child->started_ms = now_ms;
	child->load_warning_ms = now_ms + CHILD_LOADS_LONG_MS;
	child->notices = (struct notices_reported){ 0 };
	child->starts++;
	r = child_launch(child);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] cannot start a worker: %s", child_title(child),
			  strerror(-r));
		child_restart_later(child, now_ms);
		return;
	}
	child->state = CHILD_LOADING;
}

/* SIGABRT has the worker report where it hangs. If that hangs, too, SIGKILL follows. */
static void kill_if_hung(struct child *child, int64_t now_ms)
{
	const struct shiny_stats *stats = &child->shared->stats;
	int64_t limit_ms = child->job->section->values[SERVER_WATCHDOG].number;
	const char *event;

	if (!watchdog_check(&child->watchdog, stats_steps(stats), limit_ms, now_ms) ||
	    child->kill_ms != INT64_MAX) {
		return;
	}
	if (watchdog_traced(child->pid)) {
		watchdog_reset(&child->watchdog, now_ms);
		return;
	}
	event = stats_running_event(stats);
	log_write(SHINY_LOG_ERROR, "[%s] worker %d has not turned for %.1f s and is killed%s%s",
		  child_title(child), child->pid,
		  (double)(now_ms - child->watchdog.turned_ms) / 1000,
		  event != NULL ? "; it hangs in " : "", event != NULL ? event : "");
	kill(child->pid, SIGABRT);
	child->kill_ms = now_ms + GRACE_MS;
}

static void warn_at_memory_limit(struct child *child)
{
	const struct shiny_value *memory = &child->job->section->values[SERVER_MEMORY];

	if (!child->at_memory_limit && memory_limit_reached(child->pid, memory->number)) {
		child->at_memory_limit = true;
		log_write(SHINY_LOG_WARNING,
			  "[%s] worker %d has reached its memory limit, memory = %s",
			  child_title(child), child->pid, memory->text);
	}
}

/* What was told to end, or has crashed, and is still there. */
static void kill_overdue(struct child *child, int64_t now_ms)
{
	const char *event = stats_running_event(&child->shared->stats);

	if (child->stopping || child->channel_broken) {
		log_write(SHINY_LOG_WARNING,
			  "[%s] worker %d has not ended in time and is killed%s%s",
			  child_title(child), child->pid, event != NULL ? "; it hangs in " : "",
			  event != NULL ? event : "");
	}
	kill(child->pid, SIGKILL);
	child->kill_ms = now_ms + GRACE_MS;
}

/* A worker that still loads has no clients to drain. */
static int64_t end_timeout_ms(const struct child *child)
{
	return (child->state == CHILD_LOADING ? 0 : child->control.drain_timeout_ms) + GRACE_MS;
}

/*
 * Nobody can tell what a worker does whose channel is unusable: a plugin wrote into it, or closed
 * it, and who knows what else. It may drain before the next one starts.
 */
static void end_without_channel(struct child *child, int64_t now_ms)
{
	log_write(SHINY_LOG_ERROR, "[%s] worker %d is ended, as %s", child_title(child), child->pid,
		  child->channel_garbled ? "it sent something that is no message"
					 : "its channel to shinyd was closed");
	child_close_channel(child);
	child->channel_broken = true;
	kill(child->pid, SIGTERM);
	child->kill_ms = MIN(child->kill_ms, now_ms + end_timeout_ms(child));
}

/* A load that hangs logs nothing itself: after 5 s, 10, 20 and so on, at least every 5 minutes. */
static void log_long_load(struct child *child, int64_t now_ms)
{
	int64_t took_ms = now_ms - child->started_ms;

	log_write(SHINY_LOG_WARNING, "[%s] worker %d is still loading after %" PRId64 " s",
		  child_title(child), child->pid, took_ms / 1000);
	child->load_warning_ms = now_ms + MIN(took_ms, LOAD_WARNING_MAX_MS);
}

/* Whether it loads or serves, and is not about to end. */
static bool is_active(const struct child *child)
{
	return (child->state == CHILD_LOADING || child->state == CHILD_SERVING) &&
	       !child->stopping && !child->channel_broken && child->end_reason < 0 &&
	       !child->failed;
}

/*
 * A worker that logs more than it may, or writes without end, is read in steps. All of them at the
 * same times, so that many wake the supervisor no more often than one.
 */
static void read_worker(struct child *child, int64_t now_ms)
{
	bool has_more;

	if (child->read_ms > now_ms) {
		return;
	}
	has_more = child_receive(child, now_ms) && child->log_rate->is_exhausted;
	has_more = child_log_output(child) || has_more;
	child->read_ms = has_more ? (now_ms / READ_PAUSE_MS + 1) * READ_PAUSE_MS : 0;
}

void child_turn(struct child *child, int64_t now_ms)
{
	read_worker(child, now_ms);
	log_limit_report(&child->log_limit, now_ms);
	notices_report(&child->notices, &child->shared->notices, child->job->section, now_ms);
	if (is_active(child) && child->channel_deadline_ms <= now_ms) {
		end_without_channel(child, now_ms);
	}
	if (is_active(child) && child->state == CHILD_LOADING && child->load_warning_ms <= now_ms) {
		log_long_load(child, now_ms);
	}
	if (child->state == CHILD_SERVING && !child->stopping &&
	    child->watchdog.check_ms <= now_ms) {
		warn_at_memory_limit(child);
		kill_if_hung(child, now_ms);
	}
	if (child->pid > 0 && child->kill_ms <= now_ms) {
		kill_overdue(child, now_ms);
	}
	if (child->state == CHILD_DUE && child->due_ms <= now_ms) {
		start_worker(child, now_ms);
	}
}

int64_t child_timeout(const struct child *child)
{
	int64_t timeout_ms = child->pid > 0 ? child->kill_ms : INT64_MAX;

	timeout_ms = MIN(timeout_ms, log_limit_timeout(&child->log_limit));
	timeout_ms = MIN(timeout_ms, notices_timeout(&child->notices));
	if (child->read_ms != 0) {
		timeout_ms = MIN(timeout_ms, child->read_ms);
	}
	if (is_active(child)) {
		timeout_ms = MIN(timeout_ms, child->channel_deadline_ms);
	}
	if (is_active(child) && child->state == CHILD_LOADING) {
		timeout_ms = MIN(timeout_ms, child->load_warning_ms);
	}
	if (child->state == CHILD_DUE) {
		timeout_ms = MIN(timeout_ms, child->due_ms);
	}
	if (child->state == CHILD_SERVING && !child->stopping) {
		timeout_ms = MIN(timeout_ms, child->watchdog.check_ms);
	}
	return timeout_ms;
}

void child_reap(struct child *child, int64_t now_ms)
{
	int status;

	if (child->pid > 0 && waitpid(child->pid, &status, WNOHANG) == child->pid) {
		child_end(child, status, now_ms);
	}
}

void child_start(struct child *child, int64_t now_ms)
{
	if (child_waits(child)) {
		child->due_ms = now_ms;
	}
}

void child_retry(struct child *child, int64_t now_ms)
{
	if (child_retries(child)) {
		child->due_ms = now_ms;
	}
}

void child_stop(struct child *child, int64_t now_ms)
{
	child->stopping = true;
	if (child->state == CHILD_DUE) {
		child->state = CHILD_ENDED;
	}
	if (child->pid == 0) {
		return;
	}
	/* To a worker that drains a second signal would mean to end at once. */
	if (child->kill_ms == INT64_MAX) {
		kill(child->pid, SIGTERM);
	}
	child->kill_ms = MIN(child->kill_ms, now_ms + end_timeout_ms(child));
}

void child_resume(struct child *child)
{
	if (child->stopping && child->state == CHILD_ENDED) {
		child->state = CHILD_DUE;
		child->due_ms = INT64_MAX;
		child->failed = false;
	}
	child->stopping = false;
}

void child_kill(struct child *child)
{
	child->stopping = true;
	if (child->pid > 0) {
		child->killed = true;
		kill(child->pid, SIGKILL);
	}
}
