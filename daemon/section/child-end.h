/* SPDX-License-Identifier: MIT */
/*
 * How a worker ended, which is logged, and what follows: another worker, at once, later or never.
 *
 * Called by child.c only.
 */
#ifndef SHINYD_CHILD_END_H
#define SHINYD_CHILD_END_H

#include "section/child.h"

/* child_end() - log an end by its wait(2) @status, and choose the state that follows */
void child_end(struct child *child, int status, int64_t now_ms);

/* child_restart_later() - have the next worker start after the pause that is due */
void child_restart_later(struct child *child, int64_t now_ms);

#endif
