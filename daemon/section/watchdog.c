/* SPDX-License-Identifier: MIT */
/*
 * Whether a loop still turns: the count is checked several times within the limit.
 */
#include "section/watchdog.h"

#include <stdio.h>
#include <sys/param.h>

/* Looks for each limit: the fewer, the later a loop that stands still is noticed. */
#define CHECKS_PER_LIMIT 8

void watchdog_start(struct watchdog *watchdog, uint64_t steps, int64_t now_ms)
{
	*watchdog = (struct watchdog){ steps, now_ms, now_ms, false };
}

void watchdog_reset(struct watchdog *watchdog, int64_t now_ms)
{
	watchdog->turned_ms = now_ms;
}

bool watchdog_check(struct watchdog *watchdog, uint64_t steps, int64_t limit_ms, int64_t now_ms)
{
	int64_t pause_ms = limit_ms > 0 ? limit_ms / CHECKS_PER_LIMIT + 1 : WATCHDOG_CHECK_MS;

	if (steps != watchdog->steps) {
		watchdog->has_turned = true;
		watchdog->steps = steps;
		watchdog->turned_ms = now_ms;
	}
	if (!watchdog->has_turned) {
		pause_ms = MIN(pause_ms, now_ms - watchdog->turned_ms + 1);
	}
	watchdog->check_ms = now_ms + MIN(pause_ms, WATCHDOG_CHECK_MS);
	return limit_ms > 0 && now_ms - watchdog->turned_ms >= limit_ms;
}

bool watchdog_is_responsive(const struct watchdog *watchdog, int64_t now_ms)
{
	return now_ms - watchdog->turned_ms < WATCHDOG_HUNG_MS;
}

bool watchdog_traced(pid_t pid)
{
	char path[32], line[128];
	int tracer = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (file == NULL) {
		return false;
	}
	while (fgets(line, sizeof(line), file) != NULL &&
	       sscanf(line, "TracerPid: %d", &tracer) != 1) {
	}
	fclose(file);
	return tracer != 0;
}
