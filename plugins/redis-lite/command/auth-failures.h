/* SPDX-License-Identifier: MIT */
/*
 * Wrong passwords, counted and logged by a rate limit. The commands note each; the tick logs those
 * that the limit held back.
 */
#ifndef REDIS_LITE_COMMAND_AUTH_FAILURES_H
#define REDIS_LITE_COMMAND_AUTH_FAILURES_H

#include <shiny-plugin.h>

/* For so long after a line of the log there is none. */
#define AUTH_FAILURES_INTERVAL_MS 10000

/* Wrong passwords; zeroed: none yet. */
struct auth_failures {
	uint64_t count;		      /* ever */
	uint64_t logged;	      /* of them, each by a line or as one of many */
	bool limited;		      /* what comes now waits for the next line */
	int64_t limited_since_ms;     /* when that began; 0: at the next tick */
	char peer[SHINY_ADDRESS_MAX]; /* who the last one was from */
};

/* auth_failures_add() - one more: count it, and log it unless a line was just written */
void auth_failures_add(struct auth_failures *failures, const struct shiny_host *host,
		       const char *peer);

/* auth_failures_tick() - log those that wait, if it is time to; @now_ms is of the steady clock */
void auth_failures_tick(struct auth_failures *failures, const struct shiny_host *host,
			int64_t now_ms);

/* auth_failures_end() - log those that wait, as nobody will look again */
void auth_failures_end(struct auth_failures *failures, const struct shiny_host *host);

#endif
