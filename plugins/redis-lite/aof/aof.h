/* SPDX-License-Identifier: MIT */
/*
 * The append-only file of a section: what is logged, committed, synced and rewritten.
 *
 * A change is logged while its request runs. aof_commit() writes what was logged before the replies
 * of the turn leave, and aof_tick() and aof_rewrite_tick() do the rest bit by bit. The commands and
 * redis-lite.c call these functions, on the serving thread.
 */
#ifndef REDIS_LITE_AOF_AOF_H
#define REDIS_LITE_AOF_AOF_H

#include <shiny-resp.h>

#include <limits.h>
#include <shiny-plugin.h>
#include <stdbool.h>
#include <stdint.h>

struct aof;
struct aof_place;
struct keyspace;

enum aof_fsync {
	AOF_FSYNC_ALWAYS,
	AOF_FSYNC_EVERYSEC,
	AOF_FSYNC_NO,
	AOF_FSYNC_MAX
};

/* The most growth that a rewrite can wait for. */
#define AOF_REWRITE_PERCENTAGE_MAX INT_MAX

/* By the above; NULL behind the last. */
extern const char *const aof_fsync_names[];

/* What the configuration says of the file; some of it is changed while it is served. */
struct aof_settings {
	const char *dir; /* NULL: none */
	const char *filename;
	enum aof_fsync fsync;
	unsigned rewrite_percentage; /* 0: never */
	uint64_t rewrite_min_size;
	uint64_t load_corrupt_tail_max_size;
};

/* What a file is for: all of it outlives the file. */
struct aof_owner {
	const struct shiny_host *host;
	const struct aof_settings *settings;
	struct keyspace *keyspace;
};

/*
 * aof_create() - log to a file that has been loaded
 *
 * All of it, @size bytes, is on the disk, and so is its name in @place. @wall_ms is when it was loaded.
 *
 * Owner:   @place and @fd are the file's from now on, unless this fails.
 * Returns: 0, or negative with one line in @error (of SHINY_ERROR_MAX bytes).
 */
int aof_create(const struct aof_owner *owner, const struct aof_place *place, int fd, uint64_t size,
	       int64_t wall_ms, char *error, struct aof **ret_aof);

/* aof_close() - write and sync what is left, and give the file up */
void aof_close(struct aof *aof);

/* aof_log() - append a request; to the memory that aof_commit() writes from, or to the file */
void aof_log(struct aof *aof, unsigned db, const struct shiny_resp_arg *argv, size_t argc);

/*
 * aof_log_raw() - the same, for one that is in the wire's form already
 *
 * @data must stay as it is until aof_gather_raw(), so that a pipeline is copied in one piece.
 */
void aof_log_raw(struct aof *aof, unsigned db, const char *data, size_t len);
void aof_gather_raw(struct aof *aof);

/* aof_begin_transaction() - what is logged until aof_end_transaction() is loaded as one piece, or not at all */
void aof_begin_transaction(struct aof *aof);
void aof_end_transaction(struct aof *aof);

/* aof_expect_ack() - a reply will say that what was logged is there: the next commit must not fail */
void aof_expect_ack(struct aof *aof);

/*
 * aof_commit() - before the replies of a turn leave; negative: the promises cannot be kept
 *
 * If appendfsync was set to another policy in the turn that holds from here on; always, as soon as
 * the file is neither broken nor waiting to be written.
 */
int aof_commit(struct aof *aof);

/*
 * aof_tick() - now and then: sync under everysec, and try again what has failed
 *
 * @now_ms here and in aof_rewrite_tick() is of a clock that is never set: a second must be one.
 */
void aof_tick(struct aof *aof, int64_t now_ms);

/* aof_rewrite_tick() - one bounded step of rewriting, if that is due; returns whether there is more */
bool aof_rewrite_tick(struct aof *aof, int64_t now_ms, int64_t wall_ms);

/* aof_schedule_rewrite() - have it rewritten; 0, or -EBUSY if it already is */
int aof_schedule_rewrite(struct aof *aof);

/* aof_is_rewriting() - whether aof_rewrite_tick() is to be called often */
bool aof_is_rewriting(const struct aof *aof);

/* aof_error() - why writes are refused for now, as a positive errno value; or 0 */
int aof_error(const struct aof *aof);

/* aof_has_failed() - whether nothing can be promised any more: another process must load the file */
bool aof_has_failed(const struct aof *aof);

struct aof_status {
	int error;
	uint64_t size, base_size; /* now, and when it was last rewritten or loaded */
	size_t unwritten;	  /* bytes in memory */
	bool syncing;
	bool rewriting, rewrite_scheduled, rewrite_failed;
	uint64_t rewrites;
	int64_t rewrite_took_ms;  /* the last one; negative: none */
	int64_t rewrite_began_ms; /* of the clock that is never set */
	int64_t saved_ms;	  /* when it was last rewritten, or loaded */
};

void aof_get_status(const struct aof *aof, struct aof_status *ret_status);

/* aof_reset_status() - count rewrites anew */
void aof_reset_status(struct aof *aof);

#endif
