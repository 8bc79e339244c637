/* SPDX-License-Identifier: MIT */
/*
 * How a worker is started. Called by child.c and child-end.c only.
 */
#ifndef SHINYD_CHILD_START_H
#define SHINYD_CHILD_START_H

#include "section/child.h"

/*
 * child_launch() - have the next worker executed, with what it needs
 *
 * Its channel, its pages and its output are the child's then, until child_release().
 *
 * Returns: 0 or -errno.
 */
int child_launch(struct child *child);

/* child_release() - let go of all that was shared with a worker that has ended */
void child_release(struct child *child);

/* child_log_output() - log what it wrote to its standard output and error; whether there is more */
bool child_log_output(struct child *child);

#endif
