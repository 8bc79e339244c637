/* SPDX-License-Identifier: MIT */
/*
 * A function run in a child process, for what may crash, hang or exit: loading a plugin to look at
 * it.
 *
 * The child writes text to a pipe. How the child ended is reported apart from what it wrote. There
 * is a deadline, and the child never outlives its parent.
 *
 * Called for probes and for --list-plugins and --describe.
 */
#ifndef SHINYD_SUBPROCESS_H
#define SHINYD_SUBPROCESS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct subprocess {
	pid_t pid;
	int fd; /* becomes readable when subprocess_read() has something to do */
	int64_t deadline_ms;
	GString *text;	/* what it has said so far */
	bool timed_out; /* it was killed at the deadline */
	bool too_long;	/* it was killed as it wrote more than that */
};

/* Constructors and a check without side effects have no business that takes longer. */
#define SUBPROCESS_TIMEOUT_MS 10000

/* The longest text. */
#define SUBPROCESS_TEXT_MAX ((size_t)1024 * 1024)

/*
 * subprocess_start() - call @func(@arg, descriptor) in a child
 *
 * Owner:   *@ret is the caller's, for subprocess_finish().
 * Returns: 0 or -errno.
 */
int subprocess_start(void (*func)(void *arg, int to), void *arg, struct subprocess *ret);

/* subprocess_read() - take in what there is, without waiting; whether the child is over */
bool subprocess_read(struct subprocess *subprocess, int64_t now_ms);

/* subprocess_wait() - the same until it is over */
void subprocess_wait(struct subprocess *subprocess);

/* subprocess_finish() - ends the child if it goes on; returns its status as waitpid(2) gives it */
int subprocess_finish(struct subprocess *subprocess);

/*
 * subprocess_explain() - what to say of a child that did not come to its end
 *
 * Fits behind the name of what it looked at.
 */
void subprocess_explain(const struct subprocess *subprocess, int status, char *error);

#endif
