/* SPDX-License-Identifier: MIT */
/*
 * All keys as they were at one moment, visited in steps while they change. The keyspace creates it
 * and announces changes to it; a rewrite of the append-only file takes the steps.
 */
#ifndef REDIS_LITE_STORE_SNAPSHOT_H
#define REDIS_LITE_STORE_SNAPSHOT_H

#include "store/table.h"

struct snapshot;

/* What is called once for each entry that there was at the beginning, as it was then. */
typedef void (*snapshot_visitor)(void *arg, unsigned db, const struct entry *entry);

/*
 * snapshot_create() - begin to walk @count databases, whose tables are @tables
 *
 * From now until it is destroyed whoever changes one of them says so first, by the functions below;
 * see keyspace_start_snapshot(). Returns 0 or -ENOMEM.
 */
int snapshot_create(const struct table *tables, unsigned count, snapshot_visitor visit, void *arg,
		    struct snapshot **ret_snapshot);

/* snapshot_destroy() - at its end, or before */
void snapshot_destroy(struct snapshot *snapshot);

/* snapshot_step() - visit some more; returns whether there are others left */
bool snapshot_step(struct snapshot *snapshot);

/* snapshot_touch() - a key of a database is about to change, or to be inserted */
void snapshot_touch(struct snapshot *snapshot, unsigned db, uint64_t hash);

/* snapshot_swap() - two databases have changed places */
void snapshot_swap(struct snapshot *snapshot, unsigned a, unsigned b);

/* snapshot_needs() - whether there is something in a database that is still to be visited */
bool snapshot_needs(const struct snapshot *snapshot, unsigned db);

/*
 * snapshot_flush() - a database is about to become empty
 *
 * @table is where its table will be until snapshot_release() has been told of its last bucket. NULL:
 * nowhere, and so what is still to be visited is visited now.
 */
void snapshot_flush(struct snapshot *snapshot, unsigned db, const struct table *table);

/*
 * snapshot_release() - the last buckets of a table that is out of use are about to go
 *
 * Returns how many of them may, at most @most; those were visited.
 */
size_t snapshot_release(struct snapshot *snapshot, const struct table *table, size_t most);

#endif
