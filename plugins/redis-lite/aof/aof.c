/* SPDX-License-Identifier: MIT */
/*
 * The append-only file: what is in it before a reply says so, and how far that can be trusted.
 *
 * Requests gather in memory during a turn of the loop and are written in one go before the turn's
 * replies leave, so that no reply promises what a killed process could lose. What could not be
 * written stays in memory and is tried again; until then writes are refused, since the file must
 * stay a prefix of what happened.
 *
 * A sync that failed is never tried again: the kernel may have dropped the pages that it could not
 * write, and would report success. The file is broken then. Under always it is cut back to what is
 * known to be on the disk, and the process ends; otherwise the file is written anew from the
 * keyspace.
 */
#include "aof/internal.h"
#include "aof/rewrite.h"
#include "store/keyspace.h"
#include "util/background-job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const aof_fsync_names[] = {
	[AOF_FSYNC_ALWAYS] = "always",
	[AOF_FSYNC_EVERYSEC] = "everysec",
	[AOF_FSYNC_NO] = "no",
	[AOF_FSYNC_MAX] = NULL,
};

void aof_report(const struct aof *aof, enum shiny_log_level level, const char *what, int error)
{
	char text[SHINY_ERROR_MAX];

	snprintf(text, sizeof(text), "append-only file: %s%s%s", what, error ? ": " : "",
		 error ? strerror(error) : "");
	aof->host->log(aof->host, level, text);
}

bool aof_is_always(const struct aof *aof)
{
	return aof->policy == AOF_FSYNC_ALWAYS;
}

void aof_set_broken(struct aof *aof, const char *what, int error)
{
	if (aof->broken) {
		return;
	}
	aof->broken = error;
	aof_report(aof, SHINY_LOG_ERROR, what, error);
	aof->raw_end = NULL;
	aof_writer_drop(&aof->log);
	if (aof->rewriting.running) {
		aof_rewrite_cancel(aof->rewriting.running);
	}
	if (aof_is_always(aof)) {
		aof_report(aof, SHINY_LOG_ERROR, "what was not acknowledged is cut off", 0);
		if (ftruncate(aof->log.fd, (off_t)aof->synced) < 0) {
			aof_report(aof, SHINY_LOG_ERROR, "cannot cut it", errno);
		}
	}
}

/* In the daemon's status, as long as writes are refused. */
static void report_degraded(struct aof *aof)
{
	const struct shiny_host *host = aof->host;
	int error = aof_error(aof);
	char text[SHINY_ERROR_MAX];

	if (error == aof->degraded_error) {
		return;
	}
	aof->degraded_error = error;
	if (!SHINY_HOST_HAS(host, degraded)) {
		return;
	}
	snprintf(text, sizeof(text), "writes are refused, append-only file: %s", strerror(error));
	host->degraded(host, error ? text : NULL);
}

/* Tells of an error of the log, and of its end, once. */
static void log_write_error(struct aof *aof)
{
	if (aof->log.lossy) {
		aof_set_broken(aof, "cannot keep what cannot be written; writes are refused",
			       ENOMEM);
	}
	if (aof->log.error && !aof->error_reported) {
		aof_report(aof, SHINY_LOG_ERROR, "cannot write; writes are refused",
			   aof->log.error);
	} else if (!aof->log.error && aof->error_reported && !aof->broken) {
		aof_report(aof, SHINY_LOG_NOTICE, "can be written again", 0);
	}
	aof->error_reported = aof->log.error != 0;
	report_degraded(aof);
}

int aof_commit(struct aof *aof)
{
	if (!aof->log.error) {
		aof_writer_flush(&aof->log);
	}
	log_write_error(aof);
	aof_apply_fsync_policy(aof);
	if (!aof->ack_pending) {
		return 0;
	}
	aof->ack_pending = false;
	if (aof_is_always(aof) && !aof_error(aof)) {
		aof_sync_now(aof);
		aof_sync_name(aof);
	}
	return -aof_error(aof);
}

void aof_tick(struct aof *aof, int64_t now_ms)
{
	aof_writer_flush(&aof->log);
	log_write_error(aof);
	aof_sync_tick(aof, now_ms);
}

int aof_error(const struct aof *aof)
{
	return aof->broken ? aof->broken : aof->log.error;
}

bool aof_has_failed(const struct aof *aof)
{
	return aof->broken && aof_is_always(aof);
}

void aof_get_status(const struct aof *aof, struct aof_status *ret_status)
{
	const struct aof_rewrite_policy *rewriting = &aof->rewriting;

	*ret_status = (struct aof_status){
		.error = aof_error(aof),
		.size = aof->log.size + aof->log.len,
		.base_size = rewriting->base_size,
		.unwritten = aof->log.len,
		.syncing = background_job_is_busy(aof->syncer),
		.rewriting = rewriting->running != NULL,
		.rewrite_scheduled = rewriting->scheduled,
		.rewrite_failed = rewriting->failed,
		.rewrites = rewriting->count,
		.rewrite_took_ms = rewriting->took_ms,
		.rewrite_began_ms = rewriting->begun_ms,
		.saved_ms = rewriting->saved_ms,
	};
}

void aof_reset_status(struct aof *aof)
{
	aof->rewriting.count = 0;
}

int aof_create(const struct aof_owner *owner, const struct aof_place *place, int fd, uint64_t size,
	       int64_t wall_ms, char *error, struct aof **ret_aof)
{
	struct aof *aof = calloc(1, sizeof(*aof));
	int r;

	if (!aof) {
		snprintf(error, SHINY_ERROR_MAX, "out of memory");
		return -ENOMEM;
	}
	r = background_job_create(&aof->syncer);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "cannot start a thread: %s", strerror(-r));
		free(aof);
		return r;
	}
	aof->host = owner->host;
	aof->settings = owner->settings;
	aof->keyspace = owner->keyspace;
	aof->policy = aof->settings->fsync;
	aof->place = *place;
	aof_writer_init(&aof->log, fd, size);
	aof->log.work = owner->keyspace->work;
	aof->synced = aof->marked = size;
	aof_rewrite_policy_init(aof, wall_ms);
	*ret_aof = aof;
	return 0;
}

void aof_close(struct aof *aof)
{
	int r;

	if (!aof) {
		return;
	}
	r = background_job_destroy(aof->syncer);
	if (r < 0) {
		aof_set_broken(aof, "cannot sync", -r);
	}
	aof_rewrite_destroy(aof->rewriting.running);
	aof_writer_flush(&aof->log);
	log_write_error(aof);
	if (!aof->broken) {
		aof_sync_name(aof);
		aof_sync_now(aof);
	}
	aof_file_trim(aof->log.fd);
	close(aof->log.fd);
	aof_writer_finish(&aof->log);
	aof_place_close(&aof->place);
	free(aof);
}
