/* SPDX-License-Identifier: MIT */
/*
 * CLIENT TRACKING: a client that keeps what it has read is told when that changes. command.c calls
 * it around each request of a client that tracks; watch.c calls it back when a key changes.
 */
#ifndef REDIS_LITE_COMMAND_TRACKING_H
#define REDIS_LITE_COMMAND_TRACKING_H

#include "store/watch.h"

#include <shiny.h>

struct call;
struct tracker;

/*
 * tracking_start() - from now on, have a client told of changes to the keys that it reads
 *
 * @noloop: but not of changes that it makes itself. Returns NULL without memory.
 */
struct tracker *tracking_start(struct watches *watches, struct shiny_conn *conn, bool noloop);
void tracking_set_noloop(struct tracker *tracker, bool noloop);
void tracking_stop(struct tracker *tracker);

/* tracking_end() - a request of the client's own has run: tell of what it changed, behind its reply */
void tracking_end(struct tracker *tracker, struct call *call);

/* tracking_add_keys() - remember the keys that a command has read */
void tracking_add_keys(struct tracker *tracker, const struct call *call);

#endif
