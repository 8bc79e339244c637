/* SPDX-License-Identifier: MIT */
/*
 * A process that answers with a text and ends, for what may crash, hang or exit: loading a plugin to
 * look at it.
 *
 * The text comes through a pipe. How the process ended is reported apart from what it wrote. There
 * is a deadline, and a bound to the text. What plugins and libraries print is no part of it: so much
 * of that as fits into a piece of memory is kept, and can be logged.
 *
 * Called for probes and for --list-plugins and --describe.
 */
#ifndef SHINYD_SUBPROCESS_H
#define SHINYD_SUBPROCESS_H

#include "launch/description.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct subprocess {
	pid_t pid;
	int fd; /* becomes readable when subprocess_read() has something to do */
	int64_t deadline_ms;
	GString *text;	/* what it has said so far */
	char *output;	/* what it has printed; not a text */
	bool timed_out; /* it was killed at the deadline, */
	bool too_long;	/* or as there was no end to what it said */
};

/* Constructors and a check without side effects have no business that takes longer. */
#define SUBPROCESS_TIMEOUT_MS 10000

/* Nor do they find more than that. */
#define SUBPROCESS_TEXT_MAX ((size_t)1 << 20)

/*
 * subprocess_start() - have one do what is described; @title is for ps(1)
 *
 * Its supervisor is this process, and it gets no listeners; @description need not say so.
 *
 * Owner:   *@ret is the caller's, for subprocess_finish().
 * Returns: 0 or -errno.
 */
int subprocess_start(const struct description *description, const char *title,
		     struct subprocess *ret);

/* subprocess_read() - take in what there is, without waiting; whether the process is over */
bool subprocess_read(struct subprocess *subprocess, int64_t now_ms);

/* subprocess_wait() - the same until it is over */
void subprocess_wait(struct subprocess *subprocess);

/* subprocess_log_output() - log what it has printed, a line each behind @who */
void subprocess_log_output(const struct subprocess *subprocess, const char *who);

/* subprocess_finish() - ends the process if it goes on; returns its status as waitpid(2) gives it */
int subprocess_finish(struct subprocess *subprocess);

/*
 * subprocess_explain() - what to say of one that did not come to its end
 *
 * Fits behind the name of what it looked at.
 */
void subprocess_explain(const struct subprocess *subprocess, int status, char *error);

#endif
