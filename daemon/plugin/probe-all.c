/* SPDX-License-Identifier: MIT */
/*
 * The plugins of a whole configuration, probed several at a time: a process that starts mostly waits
 * for others, and so no core is idle.
 */
#include "plugin/probe-all.h"

#include "plugin/probe.h"
#include "service/notify.h"
#include "util/clock.h"

#include <poll.h>
#include <sys/param.h>

#define PROBES_AT_ONCE 4

struct round {
	struct config *config;
	const struct config_section *only; /* NULL: all of them */
	char *const *folders;
	struct problems *problems;
	size_t next; /* the section whose turn it is */
	struct probe running[PROBES_AT_ONCE];
	size_t n_running;
};

static void start_next(struct round *round)
{
	struct config_section *server = round->config->servers[round->next++];

	if ((round->only == NULL || server == round->only) &&
	    probe_start(&round->running[round->n_running], server, round->folders,
			&round->config->privileges, round->problems)) {
		notify_extend_timeout();
		round->n_running++;
	}
}

static void wait_for_any(const struct round *round, int64_t now_ms)
{
	struct pollfd fds[PROBES_AT_ONCE];
	int64_t deadline_ms = INT64_MAX;

	for (size_t i = 0; i < round->n_running; i++) {
		const struct subprocess *subprocess = &round->running[i].subprocess;

		fds[i] = (struct pollfd){ subprocess->fd, POLLIN, 0 };
		deadline_ms = MIN(deadline_ms, subprocess->deadline_ms);
	}
	poll(fds, round->n_running, (int)MAX(deadline_ms - now_ms, 0));
}

/* The last one takes the place of one that is over. */
static void finish_those_over(struct round *round, int64_t now_ms)
{
	size_t i = 0;

	while (i < round->n_running) {
		if (probe_read(&round->running[i], now_ms)) {
			probe_finish(&round->running[i], round->problems);
			round->running[i] = round->running[--round->n_running];
		} else {
			i++;
		}
	}
}

void probe_all(struct config *config, const struct config_section *only, char *const *folders,
	       struct problems *problems)
{
	struct round round = {
		.config = config,
		.only = only,
		.folders = folders,
		.problems = problems,
	};

	while (round.next < config->n_servers || round.n_running > 0) {
		if (round.next < config->n_servers && round.n_running < PROBES_AT_ONCE) {
			start_next(&round);
			continue;
		}
		wait_for_any(&round, clock_now_ms());
		finish_those_over(&round, clock_now_ms());
	}
}
