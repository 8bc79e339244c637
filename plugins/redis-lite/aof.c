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
#include "aof-internal.h"
#include "aof-load.h"
#include "aof-rewrite.h"
#include "aside.h"
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SYNC_INTERVAL_MS 1000

/* Sooner than that where so much waits to be synced. */
#define SYNC_SIZE ((uint64_t)32 * 1024 * 1024)

/* What is asked for on the disk ahead of a log that grows so fast. */
#define ROOM_AHEAD (128 * 1024 * 1024)
#define ROOM_SHARE 16 /* of what is left there, at least */

const char *const aof_fsync_names[] = {
	[AOF_FSYNC_ALWAYS] = "always",
	[AOF_FSYNC_EVERYSEC] = "everysec",
	[AOF_FSYNC_NO] = "no",
	[AOF_FSYNC_MAX] = NULL,
};

void aof_say(const struct aof *aof, enum shiny_log_level level, const char *what, int error)
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

static void break_file(struct aof *aof, const char *what, int error)
{
	if (aof->broken) {
		return;
	}
	aof->broken = error;
	aof_say(aof, SHINY_LOG_ERROR, what, error);
	aof->raw_end = NULL;
	aof_writer_drop(&aof->log);
	if (aof->renewal.rewrite) {
		aof_rewrite_cancel(aof->renewal.rewrite);
	}
	if (aof_is_always(aof)) {
		aof_say(aof, SHINY_LOG_ERROR, "what was not acknowledged is cut off", 0);
		if (ftruncate(aof->log.fd, (off_t)aof->synced) < 0) {
			aof_say(aof, SHINY_LOG_ERROR, "cannot cut it", errno);
		}
	}
}

/* Tells of an error of the log, and of its end, once. */
static void note_error(struct aof *aof)
{
	if (aof->log.lossy) {
		break_file(aof, "cannot keep what cannot be written; writes are refused", ENOMEM);
	}
	if (aof->log.error && !aof->told) {
		aof_say(aof, SHINY_LOG_ERROR, "cannot write; writes are refused", aof->log.error);
	} else if (!aof->log.error && aof->told && !aof->broken) {
		aof_say(aof, SHINY_LOG_NOTICE, "can be written again", 0);
	}
	aof->told = aof->log.error != 0;
}

static void sync_now(struct aof *aof)
{
	if (aof->synced == aof->log.size) {
		return;
	}
	if (fdatasync(aof->log.fd) < 0) {
		break_file(aof, "cannot sync", errno);
	} else {
		aof->synced = aof->log.size;
	}
}

static void sync_name(struct aof *aof)
{
	int r = aof->renamed ? aof_place_sync(&aof->place) : 0;

	aof->renamed = false;
	if (r < 0) {
		break_file(aof, "cannot sync its folder", -r);
	}
}

/*
 * Always begins when all that there is has been synced, as what is not is cut off when a sync fails.
 * Until then, and if that fails, what held before still does.
 */
static bool can_be_always(struct aof *aof)
{
	int r;

	if (aof->log.error) {
		return false;
	}
	r = aside_wait(aof->syncer);
	if (r < 0) {
		break_file(aof, "cannot sync; writes are refused until it is rewritten", -r);
	} else {
		sync_now(aof);
	}
	return !aof->broken;
}

static void change_policy(struct aof *aof)
{
	enum aof_fsync policy = aof->settings->appendfsync;

	if (policy != AOF_FSYNC_ALWAYS || can_be_always(aof)) {
		aof->policy = policy;
	}
}

int aof_commit(struct aof *aof)
{
	if (!aof->log.error) {
		aof_writer_flush(&aof->log);
	}
	note_error(aof);
	if (aof->policy != aof->settings->appendfsync && !aof->broken) {
		change_policy(aof);
	}
	if (!aof->promised) {
		return 0;
	}
	aof->promised = false;
	if (aof_is_always(aof) && !aof_error(aof)) {
		sync_now(aof);
		sync_name(aof);
	}
	return -aof_error(aof);
}

/*
 * On the thread. Where a log grows fast two things take more time than all else about its writes. To
 * find room on the disk is put off by ext4 until a sync, which keeps a lock meanwhile that each
 * write takes: so there is room before. And the kernel has to find fresh memory for each page,
 * which a hypervisor may have to find first: so what nobody reads again is given back, and is used
 * next. Neither is more than a hint.
 */
static int sync_file(void *arg)
{
	const struct aof_sync *sync = arg;

	if (sync->room_from > 0) {
		fallocate(sync->fd, FALLOC_FL_KEEP_SIZE, (off_t)sync->room_from, ROOM_AHEAD);
	}
	if (fdatasync(sync->fd) < 0) {
		return -errno;
	}
	if (sync->drop_to > sync->drop_from) {
		posix_fadvise(sync->fd, (off_t)sync->drop_from,
			      (off_t)(sync->drop_to - sync->drop_from), POSIX_FADV_DONTNEED);
	}
	return sync->place ? aof_place_sync(sync->place) : 0;
}

static bool grows_fast(const struct aof *aof)
{
	return aof->log.size - aof->marked >= SYNC_SIZE;
}

static bool is_sync_due(const struct aof *aof, int64_t now_ms)
{
	return aof->renamed || (aof->policy == AOF_FSYNC_EVERYSEC && aof->synced != aof->log.size &&
				(grows_fast(aof) || now_ms - aof->synced_ms >= SYNC_INTERVAL_MS));
}

/* Whether what is asked for ahead is little of what is left. */
static bool disk_has_room(const struct aof *aof)
{
	struct statvfs disk;

	return fstatvfs(aof->log.fd, &disk) == 0 &&
	       disk.f_bavail * disk.f_frsize / ROOM_SHARE >= ROOM_AHEAD;
}

static void expect_more(struct aof *aof)
{
	if (disk_has_room(aof)) {
		aof->sync.room_from = aof->log.size;
		aof->has_room = true;
	}
	if (!aof->renewal.rewrite) { /* which reads the log once more */
		aof->sync.drop_from = aof->dropped;
		aof->sync.drop_to = aof->dropped = aof->synced;
	}
}

/* After a second in which the log did not grow so fast. */
static void give_room_back(struct aof *aof, int64_t now_ms)
{
	if (aof->has_room && !aside_is_busy(aof->syncer) &&
	    now_ms - aof->synced_ms >= SYNC_INTERVAL_MS) {
		aof_file_trim(aof->log.fd);
		aof->has_room = false;
	}
}

/* On a disk where a sync takes its time the rewritten file would never have all that the old one has. */
static bool is_held_back(const struct aof *aof)
{
	return aof->renewal.rewrite && !aof->renamed && aof_rewrite_is_late(aof->renewal.rewrite);
}

static void sync_beside(struct aof *aof, int64_t now_ms)
{
	int r;

	if (aside_is_busy(aof->syncer)) {
		return;
	}
	r = aside_take_result(aof->syncer);
	if (r < 0) {
		break_file(aof, "cannot sync; writes are refused until it is rewritten", -r);
	} else if (is_sync_due(aof, now_ms) && !aof->broken && !is_held_back(aof)) {
		aof->sync = (struct aof_sync){ .fd = aof->log.fd,
					       .place = aof->renamed ? &aof->place : NULL };
		if (grows_fast(aof)) {
			expect_more(aof);
		}
		aof->renamed = false;
		aof->synced = aof->marked = aof->log.size;
		aof->synced_ms = now_ms;
		aside_start(aof->syncer, sync_file, &aof->sync);
	}
}

void aof_tick(struct aof *aof, int64_t now_ms)
{
	aof_writer_flush(&aof->log);
	note_error(aof);
	give_room_back(aof, now_ms);
	if (aof_is_always(aof)) {
		sync_name(aof);
	} else {
		sync_beside(aof, now_ms);
	}
}

int aof_error(const struct aof *aof)
{
	return aof->broken ? aof->broken : aof->log.error;
}

bool aof_is_over(const struct aof *aof)
{
	return aof->broken && aof_is_always(aof);
}

void aof_get_status(const struct aof *aof, struct aof_status *ret_status)
{
	const struct aof_renewal *renewal = &aof->renewal;

	*ret_status = (struct aof_status){
		.error = aof_error(aof),
		.size = aof->log.size + aof->log.len,
		.base_size = renewal->base_size,
		.unwritten = aof->log.len,
		.syncing = aside_is_busy(aof->syncer),
		.rewriting = renewal->rewrite != NULL,
		.rewrite_wanted = renewal->wanted,
		.rewrite_failed = renewal->failed,
		.rewrites = renewal->count,
		.rewrite_took_ms = renewal->took_ms,
		.rewrite_began_ms = renewal->began_ms,
		.saved_ms = renewal->saved_ms,
	};
}

/* To start empty beside what redis-server 7 has written is seldom what was meant. */
static void look_for_others(const struct aof *aof)
{
	if (aof->log.size == 0 && faccessat(aof->place.dir, "appendonlydir", F_OK, 0) == 0) {
		aof_say(aof, SHINY_LOG_WARNING,
			"starts empty; appendonlydir beside it is redis-server's and is not read, "
			"see redis-lite(7)",
			0);
	}
}

/* What the file holds when it is loaded must not get lost behind what is promised next. */
static int load(struct aof *aof, struct instance *instance, char *error)
{
	uint64_t size;
	int fd = aof_file_open(&aof->place, error), r;

	if (fd < 0) {
		return fd;
	}
	aof_writer_init(&aof->log, fd, 0);
	if (aof_rewrite_clean_up(&aof->place)) {
		aof_say(aof, SHINY_LOG_NOTICE, "removed a rewrite that was not finished", 0);
	}
	r = aof_load(instance, &aof->place, fd, error, &size);
	if (r < 0) {
		return r;
	}
	r = fdatasync(fd) < 0 ? -errno : aof_place_sync(&aof->place);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "append-only file: cannot sync: %s", strerror(-r));
		return r;
	}
	aof->log.size = aof->synced = aof->marked = size;
	aof_file_trim(fd);
	look_for_others(aof);
	return 0;
}

static int start(struct aof *aof, struct instance *instance, char *error)
{
	int r = aof_place_open(instance->settings.dir, instance->settings.appendfilename, error,
			       &aof->place);

	if (r == 0) {
		r = load(aof, instance, error);
	}
	if (r < 0) {
		return r;
	}
	r = aside_create(&aof->syncer);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "cannot start a thread: %s", strerror(-r));
	}
	return r;
}

int aof_open(struct instance *instance, char *error, struct aof **ret_aof)
{
	struct aof *aof = calloc(1, sizeof(*aof));
	int r;

	if (!aof) {
		snprintf(error, SHINY_ERROR_MAX, "out of memory");
		return -ENOMEM;
	}
	aof->host = instance->host;
	aof->settings = &instance->settings;
	aof->keyspace = &instance->keyspace;
	aof->policy = aof->settings->appendfsync;
	aof->place.dir = aof->log.fd = -1;
	r = start(aof, instance, error);
	if (r < 0) {
		aof_close(aof);
		return r;
	}
	aof_renewal_init(aof, instance->started_ms);
	*ret_aof = aof;
	return 0;
}

void aof_close(struct aof *aof)
{
	int r;

	if (!aof) {
		return;
	}
	r = aside_destroy(aof->syncer);
	if (r < 0) {
		break_file(aof, "cannot sync", -r);
	}
	aof_rewrite_destroy(aof->renewal.rewrite);
	if (aof->log.fd >= 0) {
		aof_writer_flush(&aof->log);
		note_error(aof);
		if (!aof->broken) {
			sync_name(aof);
			sync_now(aof);
		}
		aof_file_trim(aof->log.fd);
		close(aof->log.fd);
	}
	aof_writer_finish(&aof->log);
	aof_place_close(&aof->place);
	free(aof);
}
