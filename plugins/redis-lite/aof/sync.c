/* SPDX-License-Identifier: MIT */
/*
 * When the append-only file is synced: in the commit under always, beside the loop under everysec.
 */
#include "aof/internal.h"
#include "aof/rewrite.h"
#include "util/background-job.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SYNC_INTERVAL_MS 1000

/* Sooner than that where so much waits to be synced. */
#define SYNC_SIZE ((uint64_t)32 * 1024 * 1024)

/* What is asked for on the disk ahead of a log that grows so fast. */
#define ROOM_AHEAD (128 * 1024 * 1024)
#define ROOM_SHARE 16 /* of what is left there, at least */

void aof_sync_now(struct aof *aof)
{
	if (aof->synced == aof->log.size) {
		return;
	}
	if (fdatasync(aof->log.fd) < 0) {
		aof_set_broken(aof, "cannot sync", errno);
	} else {
		aof->synced = aof->log.size;
	}
}

void aof_sync_name(struct aof *aof)
{
	int r = aof->renamed ? aof_place_sync(&aof->place) : 0;

	aof->renamed = false;
	if (r < 0) {
		aof_set_broken(aof, "cannot sync its folder", -r);
	}
}

/*
 * Always begins when all that there is has been synced, as what is not is cut off when a sync fails.
 * Until then, and if that fails, what held before still does.
 */
static bool sync_for_always(struct aof *aof)
{
	int r;

	if (aof->log.error) {
		return false;
	}
	r = background_job_wait(aof->syncer);
	if (r < 0) {
		aof_set_broken(aof, "cannot sync; writes are refused until it is rewritten", -r);
	} else {
		aof_sync_now(aof);
	}
	return !aof->broken;
}

void aof_apply_fsync_policy(struct aof *aof)
{
	enum aof_fsync policy = aof->settings->fsync;

	if (policy == aof->policy || aof->broken) {
		return;
	}
	if (policy != AOF_FSYNC_ALWAYS || sync_for_always(aof)) {
		aof->policy = policy;
	}
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
static bool disk_has_space(const struct aof *aof)
{
	struct statvfs disk;

	return fstatvfs(aof->log.fd, &disk) == 0 &&
	       disk.f_bavail * disk.f_frsize / ROOM_SHARE >= ROOM_AHEAD;
}

static void prepare_for_growth(struct aof *aof)
{
	if (disk_has_space(aof)) {
		aof->sync.room_from = aof->log.size;
		aof->has_preallocated = true;
	}
	if (!aof->rewriting.running) { /* which reads the log once more */
		aof->sync.drop_from = aof->dropped;
		aof->sync.drop_to = aof->dropped = aof->synced;
	}
}

/* After a second in which the log did not grow so fast. */
static void trim_preallocated(struct aof *aof, int64_t now_ms)
{
	if (aof->has_preallocated && !background_job_is_busy(aof->syncer) &&
	    now_ms - aof->synced_ms >= SYNC_INTERVAL_MS) {
		aof_file_trim(aof->log.fd);
		aof->has_preallocated = false;
	}
}

/* On a disk where a sync takes its time the rewritten file would never have all that the old one has. */
static bool waits_for_rewrite(const struct aof *aof)
{
	return aof->rewriting.running && !aof->renamed &&
	       aof_rewrite_is_late(aof->rewriting.running);
}

static void start_sync(struct aof *aof, int64_t now_ms)
{
	int r;

	if (background_job_is_busy(aof->syncer)) {
		return;
	}
	r = background_job_take_result(aof->syncer);
	if (r < 0) {
		aof_set_broken(aof, "cannot sync; writes are refused until it is rewritten", -r);
	} else if (is_sync_due(aof, now_ms) && !aof->broken && !waits_for_rewrite(aof)) {
		aof->sync = (struct aof_sync){ .fd = aof->log.fd,
					       .place = aof->renamed ? &aof->place : NULL };
		if (grows_fast(aof)) {
			prepare_for_growth(aof);
		}
		aof->renamed = false;
		aof->synced = aof->marked = aof->log.size;
		aof->synced_ms = now_ms;
		background_job_start(aof->syncer, sync_file, &aof->sync);
	}
}

void aof_sync_tick(struct aof *aof, int64_t now_ms)
{
	trim_preallocated(aof, now_ms);
	if (aof_is_always(aof)) {
		aof_sync_name(aof);
	} else {
		start_sync(aof, now_ms);
	}
}
