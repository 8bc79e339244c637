/* SPDX-License-Identifier: MIT */
/*
 * What can be asked about a child.
 */
#include "section/child.h"

#include "ipc/stats.h"

bool child_is_responsive(const struct child *child, int64_t now_ms)
{
	return child->state != CHILD_SERVING || child->stopping ||
	       child->job->section->values[SERVER_WATCHDOG].number == 0 ||
	       watchdog_is_responsive(&child->watchdog, now_ms) || watchdog_traced(child->pid);
}

bool child_loads_long(const struct child *child, int64_t now_ms)
{
	return child->state == CHILD_LOADING && now_ms - child->started_ms >= CHILD_LOADS_LONG_MS;
}

bool child_serves(const struct child *child)
{
	return child->state == CHILD_SERVING && stats_has_ticked(&child->shared->stats);
}

bool child_has_served(const struct child *child)
{
	return child->served || child_serves(child);
}

bool child_failed_at_startup(const struct child *child)
{
	return child_has_failed(child) ||
	       (child->state == CHILD_DUE && child->ready_ms == 0 && child->backoff.delay_ms != 0);
}

bool child_finished_startup(const struct child *child)
{
	bool on_its_way = child->state == CHILD_DUE || child->state == CHILD_LOADING ||
			  child->state == CHILD_CRASHING;

	return !on_its_way || child->backoff.delay_ms != 0 || child_retries(child);
}

bool child_retries(const struct child *child)
{
	return child->state == CHILD_DUE && child->failed;
}

bool child_waits(const struct child *child)
{
	return child->state == CHILD_DUE && child->due_ms == INT64_MAX;
}

bool child_is_new(const struct child *child)
{
	return child->starts == 0;
}

bool child_is_starting(const struct child *child)
{
	bool on_its_way = child->state == CHILD_LOADING || child->state == CHILD_SERVING;

	return child_is_new(child) || child_waits(child) || (on_its_way && child->starts == 1);
}

const char *child_title(const struct child *child)
{
	return child->job->section->title;
}

bool child_has_ended(const struct child *child)
{
	return child->state == CHILD_ENDED;
}

bool child_has_failed(const struct child *child)
{
	return child->state == CHILD_FAILED;
}

bool child_is_over(const struct child *child)
{
	return child_has_ended(child) || child_has_failed(child);
}
