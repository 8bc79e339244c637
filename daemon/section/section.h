/* SPDX-License-Identifier: MIT */
/*
 * A [server] section as it runs: its listening sockets and its workers.
 *
 * The supervisor turns each section once a turn. A rollout drains sections, replaces them, and has
 * them resume.
 */
#ifndef SHINYD_SECTION_H
#define SHINYD_SECTION_H

#include "section/child.h"

#include <glib.h>
#include <poll.h>

/* How long clients may wait for a worker to come back before they are shed. */
#define SECTION_DOWN_MAX_MS 1000

enum section_state {
	SECTION_RUNS,
	SECTION_DRAINS, /* and may resume: its sockets stay */
	SECTION_ENDS,	/* for good */
};

struct section {
	struct config *config; /* that it runs with */
	struct worker_job job;
	struct sockets sockets;
	struct child *children;
	size_t n_children;
	int64_t shed_ms;	  /* shedding failed, and is tried again then; 0: it works */
	struct log_rate log_rate; /* of all workers together */
	uint64_t clients_shed;	  /* since it is down */
	int64_t down_since_ms;	  /* 0 while a worker serves, or the first ones begin */
	enum section_state state;
	bool dropped;		  /* it was removed from the configuration, or replaced */
	struct section *replaces; /* until this one serves; NULL: none; see rollout.h */
	char **pending_changes;	  /* of the file, not in effect: config_compare()'s; or NULL */
};

/* section_at() - of an array of struct section * */
struct section *section_at(const GPtrArray *sections, size_t i);

/*
 * section_create() - a section whose workers wait for section_start()
 *
 * Owner:   the caller's, for section_destroy(). Takes @sockets.
 * Returns: NULL with errno set.
 */
struct section *section_create(struct config *config, struct config_section *server,
			       struct sockets *sockets);
void section_destroy(struct section *section);

/* section_adopt() - run with @server of @config from now on, which needs no other workers */
void section_adopt(struct section *section, struct config *config, struct config_section *server);

/*
 * section_adopt_live() - take over the live keys of @server, and keep everything else
 *
 * So a worker that dies is followed by one that is set up alike.
 *
 * Owner:   takes @pending_changes, the list of what else differs.
 */
void section_adopt_live(struct section *section, const struct config *config,
			const struct config_section *server, char **pending_changes);

/* section_descriptors() - how many descriptors section_watch() fills in at most */
size_t section_descriptors(const struct section *section);

/* section_watch() - the descriptors to poll; returns how many */
size_t section_watch(const struct section *section, struct pollfd *ret_fds, int64_t now_ms);

/* section_timeout() - when section_turn() is due next without an event; INT64_MAX: never */
int64_t section_timeout(const struct section *section, int64_t now_ms);

/* section_turn() - do all that is due: turn the children, shed clients while it is down */
void section_turn(struct section *section, int64_t now_ms);

/* section_start() - start the workers that wait */
void section_start(struct section *section, int64_t now_ms);

/* section_retry() - load at once what waits to be loaded again */
void section_retry(struct section *section, int64_t now_ms);

/* section_drain() - workers drain; the sockets stay, for a replacement or to resume */
void section_drain(struct section *section, int64_t now_ms);

/* section_resume() - if it drains take that back: its workers wait for section_start() */
void section_resume(struct section *section);

/* section_stop() - release the sockets; workers drain */
void section_stop(struct section *section, int64_t now_ms);

/* section_kill() - kill all workers */
void section_kill(struct section *section);

/* section_waits() - some worker is not due before section_start() */
bool section_waits(const struct section *section);

/* section_is_new() - none of its workers was ever started */
bool section_is_new(const struct section *section);

/* section_is_starting() - its workers are still to come, or are the first ones and not there yet */
bool section_is_starting(const struct section *section);

/* section_is_up() - at least one of its workers serves, and is beyond its first tick */
bool section_is_up(const struct section *section);

/* section_has_served() - whether one of its workers does, or has at some time */
bool section_has_served(const struct section *section);

/* section_serves() - all of its workers do */
bool section_serves(const struct section *section);

/* section_finished_startup() - every worker has loaded, or has failed at least once */
bool section_finished_startup(const struct section *section);

/* section_failed_at_startup() - some worker crashed, or failed to load, before it ever served */
bool section_failed_at_startup(const struct section *section);

/* section_is_responsive() - every loop that should turn does */
bool section_is_responsive(const struct section *section, int64_t now_ms);

/* section_has_process() - whether that is one of its workers */
bool section_has_process(const struct section *section, pid_t pid);

/* section_connections() - the connections of all its workers */
uint64_t section_connections(const struct section *section);

/* section_is_over() - nothing runs here, and nothing will */
bool section_is_over(const struct section *section);

/* section_has_failed() - it is over, or partly so, because of its plugin */
bool section_has_failed(const struct section *section);

/* section_has_ended() - some worker did so in order: it was told to, or its plugin says so */
bool section_has_ended(const struct section *section);

#endif
