/* SPDX-License-Identifier: MIT */
/*
 * A function run in a child process, for what may crash, hang or exit: looking at a plugin.
 *
 * The child answers with text on a pipe. How it ended is told apart from what it said.
 */
#ifndef SHINYD_ISOLATED_H
#define SHINYD_ISOLATED_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct isolated {
	pid_t pid;
	int fd; /* becomes readable when isolated_read() has something to do */
	int64_t deadline_ms;
	GString *text; /* what it has said so far */
	bool late;     /* it was killed at the deadline */
};

/* Constructors and a check without side effects have no business that takes longer. */
#define ISOLATED_TIMEOUT_MS 10000

/*
 * isolated_start() - call @func(@arg, descriptor) in a child
 *
 * Owner:   *@ret is the caller's, for isolated_finish().
 * Returns: 0 or -errno.
 */
int isolated_start(void (*func)(void *arg, int to), void *arg, struct isolated *ret);

/* isolated_read() - take in what there is, without waiting; whether the child is over */
bool isolated_read(struct isolated *isolated, int64_t now_ms);

/* isolated_wait() - the same until it is over */
void isolated_wait(struct isolated *isolated);

/* isolated_finish() - ends the child if it goes on; returns its status as waitpid(2) gives it */
int isolated_finish(struct isolated *isolated);

/*
 * isolated_explain() - what to say of a child that did not come to its end
 *
 * Fits behind the name of what it looked at.
 */
void isolated_explain(const struct isolated *isolated, int status, char *error);

#endif
