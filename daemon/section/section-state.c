/* SPDX-License-Identifier: MIT */
/*
 * What can be asked about a section: mostly, of its slots.
 */
#include "section/section.h"

typedef bool (*slot_predicate)(const struct slot *slot);

static bool any(const struct section *section, slot_predicate holds)
{
	for (size_t i = 0; i < section->n_slots; i++) {
		if (holds(&section->slots[i])) {
			return true;
		}
	}
	return false;
}

static bool all(const struct section *section, slot_predicate holds)
{
	for (size_t i = 0; i < section->n_slots; i++) {
		if (!holds(&section->slots[i])) {
			return false;
		}
	}
	return true;
}

bool section_is_over(const struct section *section)
{
	return all(section, slot_is_over);
}

bool section_waits(const struct section *section)
{
	return any(section, slot_waits);
}

bool section_is_new(const struct section *section)
{
	return all(section, slot_is_new);
}

bool section_begins(const struct section *section)
{
	return all(section, slot_begins);
}

bool section_is_up(const struct section *section)
{
	return any(section, slot_serves);
}

bool section_has_served(const struct section *section)
{
	return any(section, slot_has_served);
}

bool section_serves(const struct section *section)
{
	return all(section, slot_serves);
}

bool section_is_settled(const struct section *section)
{
	return all(section, slot_is_settled);
}

bool section_has_stumbled(const struct section *section)
{
	return any(section, slot_has_stumbled);
}

bool section_turns(const struct section *section, int64_t now_ms)
{
	for (size_t i = 0; i < section->n_slots; i++) {
		if (!slot_turns(&section->slots[i], now_ms)) {
			return false;
		}
	}
	return true;
}

bool section_has_process(const struct section *section, pid_t pid)
{
	for (size_t i = 0; i < section->n_slots; i++) {
		if (section->slots[i].pid == pid) {
			return true;
		}
	}
	return false;
}

uint64_t section_connections(const struct section *section)
{
	uint64_t connections = 0;

	for (size_t i = 0; i < section->n_slots; i++) {
		connections += stats_get(&section->slots[i].shared->stats.connections);
	}
	return connections;
}

bool section_has_failed(const struct section *section)
{
	return any(section, slot_has_failed);
}

bool section_has_ended(const struct section *section)
{
	return any(section, slot_has_ended);
}
