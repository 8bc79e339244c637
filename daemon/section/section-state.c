/* SPDX-License-Identifier: MIT */
/*
 * What can be asked about a section. The answer mostly is that of any, or all, of its children.
 */
#include "section/section.h"

#include "ipc/stats.h"

typedef bool (*child_predicate)(const struct child *child);

static bool any(const struct section *section, child_predicate holds)
{
	for (size_t i = 0; i < section->n_children; i++) {
		if (holds(&section->children[i])) {
			return true;
		}
	}
	return false;
}

static bool all(const struct section *section, child_predicate holds)
{
	for (size_t i = 0; i < section->n_children; i++) {
		if (!holds(&section->children[i])) {
			return false;
		}
	}
	return true;
}

bool section_is_over(const struct section *section)
{
	return all(section, child_is_over);
}

bool section_waits(const struct section *section)
{
	return any(section, child_waits);
}

bool section_is_new(const struct section *section)
{
	return all(section, child_is_new);
}

bool section_is_starting(const struct section *section)
{
	return all(section, child_is_starting);
}

bool section_is_up(const struct section *section)
{
	return any(section, child_serves);
}

bool section_has_served(const struct section *section)
{
	return any(section, child_has_served);
}

bool section_serves(const struct section *section)
{
	return all(section, child_serves);
}

bool section_finished_startup(const struct section *section)
{
	return all(section, child_finished_startup);
}

bool section_failed_at_startup(const struct section *section)
{
	return any(section, child_failed_at_startup);
}

bool section_is_responsive(const struct section *section, int64_t now_ms)
{
	for (size_t i = 0; i < section->n_children; i++) {
		if (!child_is_responsive(&section->children[i], now_ms)) {
			return false;
		}
	}
	return true;
}

bool section_has_process(const struct section *section, pid_t pid)
{
	for (size_t i = 0; i < section->n_children; i++) {
		if (section->children[i].pid == pid) {
			return true;
		}
	}
	return false;
}

uint64_t section_connections(const struct section *section)
{
	uint64_t connections = 0;

	for (size_t i = 0; i < section->n_children; i++) {
		connections += stats_get(&section->children[i].shared->stats.connections);
	}
	return connections;
}

bool section_has_failed(const struct section *section)
{
	return any(section, child_has_failed);
}

bool section_has_ended(const struct section *section)
{
	return any(section, child_has_ended);
}
