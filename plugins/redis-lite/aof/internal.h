/* SPDX-License-Identifier: MIT */
/*
 * What the parts of an open append-only file share: aof.c, log.c, sync.c and rewrite-policy.c.
 * Nobody else includes this but log-inline.h and the tests.
 */
#ifndef REDIS_LITE_AOF_INTERNAL_H
#define REDIS_LITE_AOF_INTERNAL_H

#include "aof/aof.h"
#include "aof/file.h"
#include "aof/writer.h"

struct aof_rewrite;
struct background_job;

/* Between aof_begin_transaction() and aof_end_transaction(): records that belong together, between MULTI and EXEC. */
enum aof_transaction {
	AOF_TRANSACTION_NONE,
	AOF_TRANSACTION_EMPTY,
	AOF_TRANSACTION_OPEN, /* its MULTI is logged */
};

/* What the thread is asked to sync. */
struct aof_sync {
	int fd;
	const struct aof_place *place; /* NULL: the name has not changed */
	uint64_t drop_from, drop_to;   /* what is on the disk and need not stay in memory */
	uint64_t room_from;	       /* where much is going to be written; 0: not much */
};

/* When the file is rewritten, and how that went. */
struct aof_rewrite_policy {
	struct aof_rewrite *running; /* NULL: none is */
	bool scheduled;
	int64_t begun_ms;
	int64_t retry_ms;   /* not before, after one that failed */
	int64_t delay_ms;   /* that the next failure takes to be forgotten */
	int64_t rest_ms;    /* not before because of growth */
	int64_t took_ms;    /* the last one; negative: none */
	int64_t saved_ms;   /* of the wall clock, to be told */
	uint64_t base_size; /* of the file when it was last rewritten, or loaded */
	uint64_t count;
	bool failed; /* the last one */
};

struct aof {
	const struct shiny_host *host;
	const struct aof_settings *settings;
	struct keyspace *keyspace;
	enum aof_fsync policy; /* what has held so far; the settings may have another */
	struct aof_place place;
	struct aof_writer log;
	enum aof_transaction transaction;
	const char *raw;     /* not yet gathered: requests side by side in a client's input */
	const char *raw_end; /* NULL: there are none */

	bool ack_pending;    /* replies of this turn acknowledge what was logged */
	bool error_reported; /* of the log */
	int degraded_error;  /* why writes are refused, as the host was told; 0: they are not */
	int broken; /* why the file is not what the keyspace is, as a positive errno value */

	struct background_job *syncer;
	struct aof_sync sync;
	bool renamed;	       /* the name is to be synced, too */
	uint64_t synced;       /* bytes of the file that are, or that the thread is asked to sync */
	uint64_t marked;       /* bytes of it when a sync was last begun, or when it took over */
	uint64_t dropped;      /* bytes whose pages were given back */
	bool has_preallocated; /* room on the disk, behind its end */
	int64_t synced_ms;

	struct aof_rewrite_policy rewriting;
};

/* aof_report() - one line to the log; @error is a positive errno value or 0 */
void aof_report(const struct aof *aof, enum shiny_log_level level, const char *what, int error);

/* aof_is_always() - whether each reply waits for a sync */
bool aof_is_always(const struct aof *aof);

/* aof_set_broken() - the file is not what the keyspace is any more, and gets nothing more */
void aof_set_broken(struct aof *aof, const char *what, int error);

/* aof_sync_now() - what is not on the disk yet; aof_sync_name() - the same of its name */
void aof_sync_now(struct aof *aof);
void aof_sync_name(struct aof *aof);

/* aof_sync_tick() - now and then: what is due */
void aof_sync_tick(struct aof *aof, int64_t now_ms);

/* aof_apply_fsync_policy() - sync from now on as the settings say, if they say something else */
void aof_apply_fsync_policy(struct aof *aof);

/* aof_rewrite_policy_init() - the file has just been loaded */
void aof_rewrite_policy_init(struct aof *aof, int64_t wall_ms);

#endif
