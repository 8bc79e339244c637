/* SPDX-License-Identifier: MIT */
/*
 * A worker: the child process in which a section is served.
 *
 * Called by child.c, right after fork(2).
 */
#ifndef SHINYD_WORKER_H
#define SHINYD_WORKER_H

#include "config/config.h"
#include "ipc/pages.h"
#include "ipc/siblings.h"
#include "listen/sockets.h"
#include "process/privileges.h"

/* What the workers of one section have to do. */
struct worker_job {
	struct config_section *section;
	struct sockets *sockets;
	const struct privileges *privileges;
	struct siblings siblings;
	bool served; /* some worker of the section has, at some time */
};

/*
 * worker_main() - all that the process does after fork(2)
 *
 * It is the @index-th of the section. It sends messages to the supervisor over @channel, and has
 * its counters in @pages. SIGTERM must be blocked.
 *
 * Returns: what the process exits with.
 */
int worker_main(const struct worker_job *job, unsigned index, const struct pages *pages,
		int channel, pid_t supervisor);

#endif
