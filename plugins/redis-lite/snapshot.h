/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_SNAPSHOT_H
#define REDIS_LITE_SNAPSHOT_H

#include "table.h"

struct keyspace;
struct snapshot;

/* What is called once for each entry that there was at the beginning, as it was then. */
typedef void (*snapshot_visitor)(void *arg, unsigned db, const struct entry *entry);

/* snapshot_create() - begin to walk the keyspace; one at a time; 0 or -ENOMEM */
int snapshot_create(struct keyspace *keyspace, snapshot_visitor visit, void *arg,
		    struct snapshot **ret_snapshot);

/* snapshot_destroy() - at its end, or before */
void snapshot_destroy(struct snapshot *snapshot);

/* snapshot_step() - visit some more; returns whether there are others left */
bool snapshot_step(struct snapshot *snapshot);

/* snapshot_touch() - a key of a database is about to change, or to be inserted */
void snapshot_touch(struct snapshot *snapshot, unsigned db, uint64_t hash);

/*
 * snapshot_spoil() - databases are about to be emptied or exchanged
 *
 * Nothing is visited from then on. snapshot_is_spoiled() tells the owner to begin again.
 */
void snapshot_spoil(struct snapshot *snapshot);
bool snapshot_is_spoiled(const struct snapshot *snapshot);

#endif
