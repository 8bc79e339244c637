/* SPDX-License-Identifier: MIT */
/*
 * What can be asked about a slot.
 */
#include "section/slot.h"

bool slot_turns(const struct slot *slot, int64_t now_ms)
{
	return slot->state != SLOT_SERVING || slot->stopping ||
	       slot->job->section->values[SERVER_WATCHDOG].number == 0 ||
	       watchdog_turns(&slot->watchdog, now_ms) || watchdog_traced(slot->pid);
}

bool slot_loads_long(const struct slot *slot, int64_t now_ms)
{
	return slot->state == SLOT_LOADING && now_ms - slot->started_ms >= SLOT_LOADS_LONG_MS;
}

bool slot_serves(const struct slot *slot)
{
	return slot->state == SLOT_SERVING && stats_began(&slot->shared->stats);
}

bool slot_has_served(const struct slot *slot)
{
	return slot->served || slot_serves(slot);
}

bool slot_has_stumbled(const struct slot *slot)
{
	return slot_has_failed(slot) ||
	       (slot->state == SLOT_DUE && slot->ready_ms == 0 && slot->backoff.delay_ms != 0);
}

bool slot_is_settled(const struct slot *slot)
{
	bool on_its_way = slot->state == SLOT_DUE || slot->state == SLOT_LOADING ||
			  slot->state == SLOT_CRASHING;

	return !on_its_way || slot->backoff.delay_ms != 0 || slot_retries(slot);
}

bool slot_retries(const struct slot *slot)
{
	return slot->state == SLOT_DUE && slot->failed;
}

bool slot_waits(const struct slot *slot)
{
	return slot->state == SLOT_DUE && slot->due_ms == INT64_MAX;
}

bool slot_is_new(const struct slot *slot)
{
	return slot->starts == 0;
}

bool slot_begins(const struct slot *slot)
{
	bool on_its_way = slot->state == SLOT_LOADING || slot->state == SLOT_SERVING;

	return slot_is_new(slot) || slot_waits(slot) || (on_its_way && slot->starts == 1);
}

const char *slot_title(const struct slot *slot)
{
	return slot->job->section->title;
}

bool slot_has_ended(const struct slot *slot)
{
	return slot->state == SLOT_ENDED;
}

bool slot_has_failed(const struct slot *slot)
{
	return slot->state == SLOT_FAILED;
}

bool slot_is_over(const struct slot *slot)
{
	return slot_has_ended(slot) || slot_has_failed(slot);
}
