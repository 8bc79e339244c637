/* SPDX-License-Identifier: MIT */
/*
 * Memory that a worker and its supervisor share: a page that the worker writes, with what it counts,
 * and one that only the supervisor can write, with what it decides while the worker runs.
 *
 * Each worker gets pages of its own: whatever an earlier one has left behind writes there no more.
 */
#ifndef SHINYD_PAGES_H
#define SHINYD_PAGES_H

#include "ipc/degraded.h"
#include "ipc/notices.h"

#include <shiny.h>

/* The worker's to write: anything may stand there. */
struct shared {
	struct shiny_stats stats;
	struct notice_counts notices; /* what its server did by itself */
	struct degraded degraded;     /* what its plugin says of itself */
};

/* The supervisor's to write. */
struct control {
	unsigned drain_timeout_ms;
	unsigned log_level; /* enum shiny_log_level */
};

/* Both, and the descriptors by which a worker gets them. */
struct pages {
	struct shared *shared;
	struct control *control; /* only the supervisor can write there */
	int shared_fd;		 /* -1: closed */
	int control_fd;
};

#define PAGES_INIT                 \
	{                          \
		NULL, NULL, -1, -1 \
	}

/*
 * pages_create() - zeroed ones
 *
 * Owner:   *@ret is the caller's, for pages_finish().
 * Returns: 0 or -errno.
 */
int pages_create(struct pages *ret);
void pages_finish(struct pages *pages);

/* pages_close() - close the descriptors, once the worker has them */
void pages_close(struct pages *pages);

/*
 * pages_map() - in the worker: both, by their descriptors, which stay the caller's
 *
 * Owner:   *@ret is the caller's, for pages_finish().
 * Returns: 0; -EINVAL if that is not what is there.
 */
int pages_map(int shared_fd, int control_fd, struct pages *ret);

#endif
