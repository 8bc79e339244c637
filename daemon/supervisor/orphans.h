/* SPDX-License-Identifier: MIT */
/*
 * Processes of others that became children of shinyd.
 *
 * As the first process of a container, or as a subreaper, it inherits what workers and their
 * children leave behind, and nobody else can reap them. Called by supervisor.c.
 */
#ifndef SHINYD_ORPHANS_H
#define SHINYD_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * orphans_reap() - reap the children that have ended, but for those of which @is_ours is true
 *
 * Those keep their status for whoever started them. Stops at the first one, which is to be reaped
 * before the next call, and after a number of others.
 *
 * Returns: whether there may be more, for a next call.
 */
bool orphans_reap(bool (*is_ours)(const void *ctx, pid_t pid), const void *ctx);

#endif
