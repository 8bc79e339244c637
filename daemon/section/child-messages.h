/* SPDX-License-Identifier: MIT */
/*
 * What a worker tells the supervisor.
 *
 * Called by child.c and child-end.c only.
 */
#ifndef SHINYD_CHILD_MESSAGES_H
#define SHINYD_CHILD_MESSAGES_H

#include "section/child.h"

/*
 * child_log() - a line of the worker's in the log, in the name of its section
 *
 * The plugin chose it: a line that comes too often, or is one too many, is left out.
 */
void child_log(struct child *child, enum shiny_log_level level, const char *text, int64_t now_ms);

/*
 * child_receive() - handle the messages of the worker, as many as is fair to others
 *
 * Returns: whether there may be more.
 */
bool child_receive(struct child *child, int64_t now_ms);

/* child_receive_rest() - what a worker that is gone has left, as far as it was its own */
void child_receive_rest(struct child *child, int64_t now_ms);

void child_close_channel(struct child *child);

#endif
