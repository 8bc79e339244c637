/* SPDX-License-Identifier: MIT */
/*
 * When the append-only file is rewritten: because a client asks for it, because it has grown, or
 * because it is broken and the keyspace is not.
 */
#include "aof/internal.h"
#include "aof/rewrite.h"
#include "store/keyspace.h"
#include "util/background-job.h"

#include <errno.h>

#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS   64000

/* After one that took a second growth waits for so many: rewriting costs as much as serving does, and
 * a file that grows by hundreds of megabytes a second would be rewritten all the time. */
#define REST_FACTOR 9

void aof_rewrite_policy_init(struct aof *aof, int64_t wall_ms)
{
	aof->rewriting = (struct aof_rewrite_policy){
		.delay_ms = RETRY_FIRST_MS,
		.saved_ms = wall_ms,
		.took_ms = -1,
		.base_size = aof->log.size,
	};
}

int aof_schedule_rewrite(struct aof *aof)
{
	if (aof->rewriting.running || aof->rewriting.scheduled) {
		return -EBUSY;
	}
	aof->rewriting.scheduled = true;
	aof->rewriting.retry_ms = 0;
	return 0;
}

bool aof_is_rewriting(const struct aof *aof)
{
	return aof->rewriting.running != NULL;
}

static bool has_grown(const struct aof *aof, int64_t now_ms)
{
	uint64_t size = aof->log.size, base = aof->rewriting.base_size;
	unsigned percentage = aof->settings->rewrite_percentage;

	return percentage > 0 && now_ms >= aof->rewriting.rest_ms &&
	       size >= aof->settings->rewrite_min_size && size > base &&
	       (double)(size - base) * 100 >= (double)base * percentage;
}

/* Under always a file that breaks is the end. */
static bool is_due(const struct aof *aof, int64_t now_ms)
{
	if (now_ms < aof->rewriting.retry_ms || aof_has_failed(aof)) {
		return false;
	}
	return aof->broken ||
	       (!aof->log.error && (aof->rewriting.scheduled || has_grown(aof, now_ms)));
}

static void end_rewrite(struct aof *aof)
{
	aof_rewrite_destroy(aof->rewriting.running);
	aof->rewriting.running = NULL;
}

static void record_failure(struct aof *aof, int error, int64_t now_ms)
{
	struct aof_rewrite_policy *rewriting = &aof->rewriting;

	aof_report(aof, SHINY_LOG_ERROR, "cannot rewrite it", error);
	rewriting->failed = true;
	rewriting->retry_ms = now_ms + rewriting->delay_ms;
	rewriting->delay_ms *= rewriting->delay_ms < RETRY_MAX_MS ? 2 : 1;
}

static void start_rewrite(struct aof *aof, int64_t now_ms)
{
	struct aof_rewrite_policy *rewriting = &aof->rewriting;
	int log = aof->broken ? -1 : aof->log.fd;
	int r;

	/* What the snapshot has seen must be in the file before the thread looks for its end there. */
	aof_writer_flush(&aof->log);
	if (aof->log.len > 0) {
		return;
	}
	r = aof_rewrite_create(&aof->place, aof->keyspace, log, aof->log.size, &rewriting->running);
	rewriting->scheduled = false;
	rewriting->begun_ms = now_ms;
	aof->log.db = KEYSPACE_DBS; /* the new file does not know the old one's */
	if (r < 0) {
		record_failure(aof, -r, now_ms);
	}
}

static void record_success(struct aof *aof, int64_t now_ms, int64_t wall_ms)
{
	struct aof_rewrite_policy *rewriting = &aof->rewriting;

	aof_report(aof, SHINY_LOG_NOTICE,
		   aof->broken ? "rewritten; writes are taken again" : "rewritten", 0);
	aof->broken = 0;
	rewriting->failed = false;
	rewriting->delay_ms = RETRY_FIRST_MS;
	rewriting->saved_ms = wall_ms;
	rewriting->took_ms = now_ms - rewriting->begun_ms;
	rewriting->rest_ms = now_ms + REST_FACTOR * rewriting->took_ms;
	rewriting->base_size = aof->log.size;
	rewriting->count++;
}

/* All that was promised, and what this turn has logged, is in the old file before it is left. */
static int switch_files(struct aof *aof, int64_t now_ms, int64_t wall_ms)
{
	struct aof_writer *log = &aof->log;
	uint64_t synced;
	int r;

	aof_writer_flush(log);
	if (background_job_is_busy(aof->syncer) || log->len > 0) {
		return AOF_REWRITE_WAITING;
	}
	/* The tick comes before the commit: what this turn has written is not synced, and will not be. */
	synced = aof_is_always(aof) ? log->size : aof->synced;
	r = aof_rewrite_switch(aof->rewriting.running, log->fd, log->size, synced, &log->fd,
			       &log->size);
	if (r < 0) {
		return r;
	}
	aof->renamed = true;
	aof->synced = aof_is_always(aof) ? log->size : 0;
	aof->marked = log->size;
	aof->dropped = 0;
	aof->has_preallocated = false;
	record_success(aof, now_ms, wall_ms);
	return AOF_REWRITE_WAITING;
}

bool aof_rewrite_tick(struct aof *aof, int64_t now_ms, int64_t wall_ms)
{
	int stage;

	if (!aof->rewriting.running && is_due(aof, now_ms)) {
		start_rewrite(aof, now_ms);
	}
	if (!aof->rewriting.running) {
		return false;
	}
	/* Under always the log is synced again and again; the switch will do. */
	stage = aof_rewrite_step(aof->rewriting.running, aof->log.size,
				 aof_is_always(aof) ? 0 : aof->synced);
	if (stage == AOF_REWRITE_READY) {
		stage = switch_files(aof, now_ms, wall_ms);
	}
	if (stage < 0 || stage == AOF_REWRITE_DONE) {
		end_rewrite(aof);
	}
	if (stage < 0 && stage != -ECANCELED) {
		record_failure(aof, -stage, now_ms);
	}
	return stage == AOF_REWRITE_WALKING;
}
