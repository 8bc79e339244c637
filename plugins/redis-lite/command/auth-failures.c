/* SPDX-License-Identifier: MIT */
/*
 * Wrong passwords, told to the operator: the first one at once, those of the next seconds as one line
 * that says how many there were. Whoever tries a hundred thousand of them a second fills no disk.
 */
#include "command/auth-failures.h"

#include <inttypes.h>
#include <stdio.h>

#define LINE_MAX_SIZE 256

static void log_waiting(struct auth_failures *failures, const struct shiny_host *host)
{
	uint64_t more = failures->count - failures->logged;
	char line[LINE_MAX_SIZE];

	snprintf(line, sizeof(line), "%" PRIu64 " more wrong password%s, the last one from %s",
		 more, more == 1 ? "" : "s", failures->peer);
	host->log(host, SHINY_LOG_WARNING, line);
	failures->logged = failures->count;
}

void auth_failures_add(struct auth_failures *failures, const struct shiny_host *host,
		       const char *peer)
{
	char line[LINE_MAX_SIZE];

	failures->count++;
	snprintf(failures->peer, sizeof(failures->peer), "%s", peer);
	if (failures->limited) {
		return;
	}
	snprintf(line, sizeof(line), "wrong password from %s", peer);
	host->log(host, SHINY_LOG_WARNING, line);
	failures->logged = failures->count;
	failures->limited = true;
	failures->limited_since_ms = 0;
}

void auth_failures_tick(struct auth_failures *failures, const struct shiny_host *host,
			int64_t now_ms)
{
	if (!failures->limited) {
		return;
	}
	if (!failures->limited_since_ms) {
		failures->limited_since_ms = now_ms;
	} else if (now_ms - failures->limited_since_ms < AUTH_FAILURES_INTERVAL_MS) {
		return;
	} else if (failures->count > failures->logged) {
		log_waiting(failures, host);
		failures->limited_since_ms = now_ms;
	} else {
		failures->limited = false;
	}
}

void auth_failures_end(struct auth_failures *failures, const struct shiny_host *host)
{
	if (failures->count > failures->logged) {
		log_waiting(failures, host);
	}
}
