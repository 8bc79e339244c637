/* SPDX-License-Identifier: MIT */
/*
 * One worker as its supervisor sees it: the process, what it said, and what follows when it ends.
 */
#ifndef SHINYD_SLOT_H
#define SHINYD_SLOT_H

#include "ipc/channel.h"
#include "log/repeats.h"
#include "section/backoff.h"
#include "section/watchdog.h"
#include "worker/worker.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How long a worker may load before that is told, for the first time. */
#define SLOT_LOADS_LONG_MS 5000

/* How long a section that has served waits before it loads again what could not be loaded. */
#define SLOT_RETRY_MS 30000

enum slot_state {
	SLOT_DUE,     /* to be started at due_ms; INT64_MAX: when slot_start() says so */
	SLOT_LOADING, /* started, not ready yet */
	SLOT_SERVING,
	SLOT_CRASHING, /* said so; its core may be on its way to the disk */
	SLOT_ENDED,    /* in order, for good */
	SLOT_FAILED,   /* its plugin did not load, or must not be tried again */
};

struct slot {
	const struct worker_job *job;
	unsigned index;	       /* in its section */
	struct shared *shared; /* with the worker */
	enum slot_state state;
	pid_t pid;	  /* 0 while there is no process */
	int channel;	  /* -1 while there is none */
	int64_t due_ms;	  /* its start, in SLOT_DUE */
	int64_t ready_ms; /* 0 if it never was, or did not get beyond its first tick */
	int64_t kill_ms;  /* when it gets SIGKILL; INT64_MAX: not at all */
	int64_t started_ms;
	int64_t late_ms; /* when it is told that it still loads */
	int64_t mute_ms; /* its channel ended, and it must be gone by then; INT64_MAX: it is there */
	bool broken;	 /* it was told to end for what became of its channel */
	unsigned starts; /* of workers, ever */
	bool served;	 /* one of them has, and has ended */
	struct backoff backoff;
	struct watchdog watchdog;
	bool stopping;		/* told to end */
	bool killed;		/* by slot_kill() */
	int end_reason;		/* enum end_reason; -1 until it says that it ends */
	bool failed;		/* its plugin could not be loaded */
	char where[32];		/* it crashed; "" if it did not say */
	char backtrace[1536];	/* likewise */
	bool at_ceiling;	/* its memory is, or was as it crashed */
	struct repeats repeats; /* of what it logs */
	struct notices_told notices;
};

/*
 * slot_init() - the @index-th slot of a section, whose worker waits for slot_start()
 *
 * Owner:   for slot_finish(). @job must live as long.
 * Returns: 0 or -errno.
 */
int slot_init(struct slot *slot, const struct worker_job *job, unsigned index);
void slot_finish(struct slot *slot);

/* slot_turn() - do all that is due: hear the worker, look after it, start one */
void slot_turn(struct slot *slot, int64_t now_ms);

/* slot_timeout() - when slot_turn() is due next without an event; INT64_MAX: never */
int64_t slot_timeout(const struct slot *slot);

/* slot_reap() - if its process is gone judge why, and choose the state that follows */
void slot_reap(struct slot *slot, int64_t now_ms);

/* slot_start() - if its worker waits, it is due now */
void slot_start(struct slot *slot, int64_t now_ms);

/* slot_retry() - if it waits to load once more what could not be loaded, it does so now */
void slot_retry(struct slot *slot, int64_t now_ms);

/* slot_stop() - no worker here any more: the one that runs may drain, and is killed later on */
void slot_stop(struct slot *slot, int64_t now_ms);

/* slot_return() - take a stop back: a worker waits, or will follow the one that still drains */
void slot_return(struct slot *slot);

/* slot_kill() - the same, at once */
void slot_kill(struct slot *slot);

/* slot_loads_long() - whether its worker takes so long to load that it was told of */
bool slot_loads_long(const struct slot *slot, int64_t now_ms);

/* slot_turns() - whether its loop turns, if it should and somebody is to look after that */
bool slot_turns(const struct slot *slot, int64_t now_ms);

/* slot_serves() - whether its worker is ready, and has got beyond its first tick */
bool slot_serves(const struct slot *slot);

/* slot_has_served() - whether its worker does, or one before it did */
bool slot_has_served(const struct slot *slot);

/* slot_has_stumbled() - whether it came to grief before it ever served */
bool slot_has_stumbled(const struct slot *slot);

/*
 * slot_is_settled() - whether it has loaded, or failed to
 *
 * One that crashes as it loads is tried for ever; who waits for all to be there need not wait for
 * it.
 */
bool slot_is_settled(const struct slot *slot);

/* slot_waits() - its worker is not due before slot_start() */
bool slot_waits(const struct slot *slot);

/* slot_retries() - it could not load, and will try again at due_ms */
bool slot_retries(const struct slot *slot);

/* slot_is_new() - no worker was ever started here */
bool slot_is_new(const struct slot *slot);

/* slot_begins() - its worker is still to come, or is the first one and not there yet */
bool slot_begins(const struct slot *slot);

/* slot_has_ended() - in order, for good */
bool slot_has_ended(const struct slot *slot);

/* slot_has_failed() - for good, because of its plugin */
bool slot_has_failed(const struct slot *slot);

/* slot_is_over() - either of these */
bool slot_is_over(const struct slot *slot);

/* slot_title() - of its section, for the log */
const char *slot_title(const struct slot *slot);

#endif
