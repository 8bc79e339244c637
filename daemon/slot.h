/* SPDX-License-Identifier: MIT */
/*
 * One worker as its supervisor sees it: the process, what it said, and what follows when it ends.
 */
#ifndef SHINYD_SLOT_H
#define SHINYD_SLOT_H

#include "backoff.h"
#include "channel.h"
#include "worker.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum slot_state {
	SLOT_DUE,     /* to be started at due_ms */
	SLOT_LOADING, /* started, not ready yet */
	SLOT_SERVING,
	SLOT_ENDED,  /* in order, for good */
	SLOT_FAILED, /* its plugin did not load; not tried again */
};

struct slot {
	const struct worker_job *job;
	enum slot_state state;
	pid_t pid;   /* 0 while there is no process */
	int channel; /* -1 while there is none */
	int64_t due_ms;
	int64_t ready_ms; /* 0 if it never was */
	struct backoff backoff;
	bool stopping;	/* told to end */
	int end_reason; /* enum end_reason; -1 until it says that it ends */
	bool failed;	/* said that it cannot load */
	char where[32]; /* it crashed; "" if it did not say */
};

/* @job must live as long as the slot. */
void slot_init(struct slot *slot, const struct worker_job *job, int64_t now_ms);

/* slot_start() - run the worker; a fork that fails counts as a crash */
void slot_start(struct slot *slot, int64_t now_ms);

/* slot_read() - take in what the worker says */
void slot_read(struct slot *slot, int64_t now_ms);

/* slot_exited() - its process is gone: judge why, and choose the state that follows */
void slot_exited(struct slot *slot, int status, int64_t now_ms);

/* slot_stop() - no worker here any more: @signal for the one that runs */
void slot_stop(struct slot *slot, int signal);

static inline bool slot_is_over(const struct slot *slot)
{
	return slot->state == SLOT_ENDED || slot->state == SLOT_FAILED;
}

#endif
