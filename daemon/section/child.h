/* SPDX-License-Identifier: MIT */
/*
 * One worker as its supervisor sees it: the process, what it said, and what follows when it ends.
 *
 * A section has as many children as it has workers. A child outlives its process: when a worker
 * ends the next one is started by the same child, and goes on with its counters.
 *
 * Called by section.c; the states are read by status.c and condition.c, too.
 */
#ifndef SHINYD_CHILD_H
#define SHINYD_CHILD_H

#include "ipc/channel.h"
#include "ipc/output.h"
#include "ipc/pages.h"
#include "ipc/siblings.h"
#include "listen/sockets.h"
#include "log/log-limit.h"
#include "log/log-rate.h"
#include "section/backoff.h"
#include "section/watchdog.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How long a worker may load before that is logged for the first time. */
#define CHILD_LOADS_LONG_MS 5000

/* How long a section that has served waits before it loads again what could not be loaded. */
#define CHILD_RETRY_MS 30000

enum child_state {
	CHILD_DUE,     /* to be started at due_ms; INT64_MAX: when child_start() says so */
	CHILD_LOADING, /* started, not ready yet */
	CHILD_SERVING,
	CHILD_CRASHING, /* reported it; its core may be on its way to the disk */
	CHILD_ENDED,	/* in order, for good */
	CHILD_FAILED,	/* its plugin did not load, or must not be tried again */
};

/* What the workers of one section have to do. */
struct worker_job {
	struct config_section *section;
	struct sockets *sockets;
	const struct privileges *privileges;
	struct siblings siblings;
	bool served; /* some worker of the section has, at some time */
};

struct child {
	const struct worker_job *job;
	unsigned index;		     /* in its section */
	struct pages pages;	     /* of the worker; none while there is none */
	const struct shared *shared; /* in there; zeroes while there is none */
	struct control control;	     /* what its page is to have */
	enum child_state state;
	pid_t pid;   /* 0 while there is no process */
	int channel; /* -1 while there is none */
	struct output output;
	struct channel_input input;
	int64_t read_ms;  /* when both are read again; 0: as soon as there is something */
	int64_t due_ms;	  /* its start, in CHILD_DUE */
	int64_t ready_ms; /* 0 if it never was, or did not get beyond its first tick */
	int64_t kill_ms;  /* when it gets SIGKILL; INT64_MAX: not at all */
	int64_t started_ms;
	int64_t load_warning_ms;     /* when it is logged that it still loads */
	int64_t channel_deadline_ms; /* its channel ended: it must be gone by then; or INT64_MAX */
	bool channel_garbled;	     /* it was closed for what came from it */
	bool channel_broken;	     /* and so the worker was told to end */
	unsigned starts;	     /* of workers, ever */
	bool served;		     /* one of them has, and has ended */
	struct backoff backoff;
	struct watchdog watchdog;
	bool stopping;		    /* told to end */
	bool killed;		    /* by child_kill() */
	int end_reason;		    /* enum end_reason; -1 until it says that it ends */
	bool failed;		    /* its plugin could not be loaded */
	char crashed_in[32];	    /* the function; "" if it is not known */
	char backtrace[1536];	    /* of the crash */
	bool at_memory_limit;	    /* now, or as it crashed */
	unsigned crash_messages;    /* of its crash, beside the first one */
	struct log_rate *log_rate;  /* its section's */
	struct log_limit log_limit; /* of what it logs */
	struct notices_reported notices;
};

/*
 * child_init() - the @index-th child of a section, whose worker waits for child_start()
 *
 * @log_rate is for all children of the section.
 *
 * Owner:   for child_finish(). @job must live as long.
 */
void child_init(struct child *child, const struct worker_job *job, unsigned index,
		struct log_rate *log_rate);
void child_finish(struct child *child);

/* child_control() - have the worker, and those that follow it, go by *@control from now on */
void child_control(struct child *child, const struct control *control);

/* What child_watch() may fill in. */
#define CHILD_DESCRIPTORS 2

/* child_watch() - what to wait for; returns how many */
size_t child_watch(const struct child *child, struct pollfd *ret_fds, int64_t now_ms);

/* child_turn() - do all that is due: read messages, watch the worker, start one */
void child_turn(struct child *child, int64_t now_ms);

/* child_timeout() - when child_turn() is due next without an event; INT64_MAX: never */
int64_t child_timeout(const struct child *child);

/* child_reap() - if its process has ended log why, and choose the state that follows */
void child_reap(struct child *child, int64_t now_ms);

/* child_start() - start a worker that waits for this */
void child_start(struct child *child, int64_t now_ms);

/* child_retry() - load at once what waits to be loaded again */
void child_retry(struct child *child, int64_t now_ms);

/* child_stop() - have the worker drain, and kill it if that takes too long; start no other one */
void child_stop(struct child *child, int64_t now_ms);

/* child_resume() - take a stop back: a worker waits, or follows the one that drains */
void child_resume(struct child *child);

/* child_kill() - kill the worker, and start no other one */
void child_kill(struct child *child);

/* child_loads_long() - whether its worker takes so long to load that it was logged */
bool child_loads_long(const struct child *child, int64_t now_ms);

/* child_is_responsive() - whether its loop turns, as far as it should and the watchdog is on */
bool child_is_responsive(const struct child *child, int64_t now_ms);

/* child_serves() - whether its worker is ready, and has got beyond its first tick */
bool child_serves(const struct child *child);

/* child_has_served() - whether its worker does, or one before it did */
bool child_has_served(const struct child *child);

/* child_failed_at_startup() - whether it crashed, or failed to load, before it ever served */
bool child_failed_at_startup(const struct child *child);

/*
 * child_finished_startup() - whether it has loaded, or failed to
 *
 * One that crashes as it loads is restarted for ever; whoever waits for all workers to be there
 * need not wait for it.
 */
bool child_finished_startup(const struct child *child);

/* child_waits() - its worker is not due before child_start() */
bool child_waits(const struct child *child);

/* child_retries() - it could not load, and will try again at due_ms */
bool child_retries(const struct child *child);

/* child_is_new() - no worker was ever started here */
bool child_is_new(const struct child *child);

/* child_is_starting() - its worker is still to come, or is the first one and not there yet */
bool child_is_starting(const struct child *child);

/* child_has_ended() - in order, for good */
bool child_has_ended(const struct child *child);

/* child_has_failed() - for good, because of its plugin */
bool child_has_failed(const struct child *child);

/* child_is_over() - either of these */
bool child_is_over(const struct child *child);

/* child_title() - of its section, for the log */
const char *child_title(const struct child *child);

#endif
