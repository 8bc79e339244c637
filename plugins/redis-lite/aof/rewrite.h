/* SPDX-License-Identifier: MIT */
/*
 * One rewrite of the append-only file: a snapshot of the keyspace, and behind it what has been
 * logged since. The caller drives it by steps; rewrite-policy.c does so while the section serves,
 * and an import in one go.
 */
#ifndef REDIS_LITE_AOF_REWRITE_H
#define REDIS_LITE_AOF_REWRITE_H

#include <stdbool.h>
#include <stdint.h>

struct aof_place;
struct aof_rewrite;
struct keyspace;

/* FILE.rewrite: the next file, while it is written. */
#define AOF_REWRITE_SUFFIX "rewrite"

enum aof_rewrite_stage {
	AOF_REWRITE_WALKING, /* there is more to do at once */
	AOF_REWRITE_WAITING, /* for the disk */
	AOF_REWRITE_READY,   /* for aof_rewrite_switch() */
	AOF_REWRITE_DONE,    /* for aof_rewrite_destroy() */
};

/*
 * aof_rewrite_create() - begin to write the keyspace as it is now to a file beside
 *
 * What is logged from now on stands behind @from in the file @log, and is copied from there. @log
 * is -1 if nothing is logged.
 *
 * Returns 0 or -errno.
 */
int aof_rewrite_create(const struct aof_place *place, struct keyspace *keyspace, int log,
		       uint64_t from, struct aof_rewrite **ret_rewrite);

/*
 * aof_rewrite_step() - one bounded step
 *
 * @end is the end of the log, @synced of what there is to be on the disk in the new file, too, before
 * it can take over; what is not by then is synced by aof_rewrite_switch().
 *
 * Returns an enum aof_rewrite_stage; or -errno, when it has failed: -ECANCELED after
 * aof_rewrite_cancel().
 */
int aof_rewrite_step(struct aof_rewrite *rewrite, uint64_t end, uint64_t synced);

/* aof_rewrite_is_late() - whether the thread is left behind: @synced must stand still from now on */
bool aof_rewrite_is_late(const struct aof_rewrite *rewrite);

/*
 * aof_rewrite_switch() - put the new file in the old one's place, up to the @end of the log
 *
 * What of the log is on the disk, up to @synced, is there in the new file when this returns. What
 * was logged behind that, and the name, are the caller's to sync.
 *
 * Owner:   the old file, whose descriptor was @log, is closed in the background; *@ret_fd is the
 *          caller's.
 * Returns: 0; -errno if nothing has changed.
 */
int aof_rewrite_switch(struct aof_rewrite *rewrite, int log, uint64_t end, uint64_t synced,
		       int *ret_fd, uint64_t *ret_size);

/* aof_rewrite_cancel() - no further; the next steps wait for what is under way */
void aof_rewrite_cancel(struct aof_rewrite *rewrite);

/* aof_rewrite_destroy() - at any time; removes what it has written, unless that is in place */
void aof_rewrite_destroy(struct aof_rewrite *rewrite);

/*
 * aof_rewrite_all() - write the keyspace to a file beside, and sync it, while nothing is served
 *
 * Owner:   *@ret_fd, which is locked, is the caller's; so is the file, which has not got the name.
 * Returns: 0; -errno without a file.
 */
int aof_rewrite_all(const struct aof_place *place, struct keyspace *keyspace, int *ret_fd,
		    uint64_t *ret_size);

/* aof_rewrite_clean_up() - what a killed process left behind; returns whether there was any */
bool aof_rewrite_clean_up(const struct aof_place *place);

#endif
