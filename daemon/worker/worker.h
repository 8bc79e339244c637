/* SPDX-License-Identifier: MIT */
/*
 * A worker: the process in which a section is served.
 *
 * Called by entry.c, in a process that child-start.c has had executed.
 */
#ifndef SHINYD_WORKER_H
#define SHINYD_WORKER_H

#include "launch/description.h"

/*
 * worker_run() - serve the section that is described
 *
 * It sends messages to the supervisor over its channel, and counts in its page. SIGTERM must be
 * blocked.
 *
 * Returns: what the process exits with.
 */
int worker_run(const struct description *description);

#endif
