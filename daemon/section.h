/* SPDX-License-Identifier: MIT */
/*
 * A [server] section as it runs: its listening sockets and its workers.
 */
#ifndef SHINYD_SECTION_H
#define SHINYD_SECTION_H

#include "slot.h"

#include <poll.h>

/* How long clients may wait for a worker to come back before they are turned away. */
#define SECTION_DOWN_MAX_MS 1000

struct section {
	struct worker_job job;
	struct sockets sockets;
	struct slot *slots;
	size_t n_slots;
	int64_t down_since_ms; /* 0 while a worker serves */
	bool stopping;
};

/*
 * section_init() - a section whose workers are due at once
 *
 * Owner:   takes @sockets; all else must live as long as the section. It is the caller's, for
 *          section_finish(), also after an error.
 * Returns: 0 or -errno.
 */
int section_init(struct section *section, const struct config *config,
		 struct config_section *server, struct sockets *sockets,
		 const struct privileges *privileges, int64_t now_ms);
void section_finish(struct section *section);

/* section_descriptors() - how many section_watch() may fill in */
size_t section_descriptors(const struct section *section);

/* section_watch() - what to wait for; returns how many */
size_t section_watch(const struct section *section, struct pollfd *ret_fds, int64_t now_ms);

/* section_timeout() - when section_turn() is due next without an event; INT64_MAX: never */
int64_t section_timeout(const struct section *section, int64_t now_ms);

/* section_turn() - do all that is due: hear the workers, start some, turn clients away */
void section_turn(struct section *section, int64_t now_ms);

/* section_reap() - see whose processes are gone */
void section_reap(struct section *section, int64_t now_ms);

/* section_stop() - no more clients; workers may drain */
void section_stop(struct section *section, int64_t now_ms);

/* section_kill() - the same, at once */
void section_kill(struct section *section);

/* section_is_settled() - every worker has loaded, or will not */
bool section_is_settled(const struct section *section);

/* section_is_degraded() - a worker has failed for good, or none is there to serve */
bool section_is_degraded(const struct section *section);

/* section_turns() - every loop that should turn does */
bool section_turns(const struct section *section, int64_t now_ms);

/* section_connections() - how many there are now */
uint64_t section_connections(const struct section *section);

/* section_is_over() - nothing runs here, and nothing will */
bool section_is_over(const struct section *section);

/* section_has_failed() - it is over, or partly so, because of its plugin */
bool section_has_failed(const struct section *section);

#endif
