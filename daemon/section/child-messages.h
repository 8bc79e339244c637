/* SPDX-License-Identifier: MIT */
/*
 * What a worker tells the supervisor.
 *
 * Called by child.c and child-end.c only.
 */
#ifndef SHINYD_CHILD_MESSAGES_H
#define SHINYD_CHILD_MESSAGES_H

#include "section/child.h"

/* child_receive() - handle the messages of the worker, as many as is fair to others */
void child_receive(struct child *child, int64_t now_ms);

/* child_receive_rest() - what a worker that is gone has left, as far as it was its own */
void child_receive_rest(struct child *child, int64_t now_ms);

void child_close_channel(struct child *child);

#endif
