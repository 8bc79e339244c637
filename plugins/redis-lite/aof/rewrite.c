/* SPDX-License-Identifier: MIT */
/*
 * Writing the append-only file anew, as short as the keyspace allows, while it is in use.
 *
 * The loop writes a snapshot of the keyspace to FILE.rewrite, a step at a time. Meanwhile changes go
 * to the old file as always, and so nothing depends on the new one until it takes over. What was
 * logged since the snapshot is then copied from the old file, by a thread, which syncs it too; the
 * last bit of it is copied within a turn of the loop, and the new file gets the name.
 */
#include "aof/rewrite.h"
#include "aof/file.h"
#include "aof/writer.h"
#include "store/keyspace.h"
#include "util/background-job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the loop may copy in a step. More is left to the thread, while that gets nearer to the end. */
#define STEP_MAX (1024 * 1024)

struct aof_rewrite {
	const struct aof_place *place;
	struct keyspace *keyspace;
	enum aof_rewrite_stage stage;
	bool cancelled;
	struct snapshot *snapshot; /* while it is walked */
	struct aof_writer out;	   /* its fd is negative once it is the caller's */
	struct background_job *job;
	int log;
	uint64_t from;	 /* in the log: what is not in the new file yet */
	uint64_t synced; /* in the log: what is not on the disk there */
	uint64_t end;	 /* of the log, at the last step */
	uint64_t lag;	 /* what the thread was to copy in its last round */
	unsigned rounds;
	bool late; /* the log grows about as fast as that */
};

/* Called for each entry of the snapshot. */
static void write_entry(void *arg, unsigned db, const struct entry *entry)
{
	struct aof_rewrite *rewrite = arg;
	char digits[SHINY_RESP_INTEGER_MAX];
	struct shiny_resp_arg argv[] = {
		SHINY_RESP_ARG("SET"),
		{ entry_key(entry), entry_key_len(entry) },
		{ entry_value(entry), entry->value_len },
		SHINY_RESP_ARG("PXAT"),
		{ digits, shiny_resp_format_integer(digits, entry_expiry(entry)) },
	};

	if (!rewrite->out.error) {
		aof_writer_select(&rewrite->out, db);
		aof_writer_request(&rewrite->out, argv, entry_expiry(entry) ? 5 : 3);
	}
}

static void end_snapshot(struct aof_rewrite *rewrite)
{
	if (rewrite->snapshot) {
		keyspace_end_snapshot(rewrite->keyspace);
		rewrite->snapshot = NULL;
	}
}

int aof_rewrite_create(const struct aof_place *place, struct keyspace *keyspace, int log,
		       uint64_t from, struct aof_rewrite **ret_rewrite)
{
	struct aof_rewrite *rewrite = calloc(1, sizeof(*rewrite));
	int r;

	if (!rewrite) {
		return -ENOMEM;
	}
	rewrite->place = place;
	rewrite->keyspace = keyspace;
	rewrite->log = log;
	rewrite->from = from;
	aof_file_remove(
		place,
		AOF_REWRITE_SUFFIX); /* one that could not be removed when it lost its name */
	r = aof_file_create(place, AOF_REWRITE_SUFFIX);
	aof_writer_init(&rewrite->out, r, 0);
	rewrite->out.work = keyspace->work;
	if (r >= 0) {
		r = background_job_create(&rewrite->job);
	}
	if (r == 0) {
		r = keyspace_start_snapshot(keyspace, write_entry, rewrite, &rewrite->snapshot);
	}
	if (r < 0) {
		aof_rewrite_destroy(rewrite);
		return r;
	}
	*ret_rewrite = rewrite;
	return 0;
}

static int copy_log(struct aof_rewrite *rewrite, uint64_t end)
{
	int r;

	if (rewrite->log < 0) {
		return 0;
	}
	if (end < rewrite->from) {
		return -EIO; /* it broke, and was cut */
	}
	r = aof_file_copy(rewrite->log, rewrite->from, end, rewrite->out.fd);
	if (r == 0) {
		rewrite->out.size += end - rewrite->from;
		rewrite->from = end;
	}
	return r;
}

/* On the thread. The log grows meanwhile, but only at its end. */
static int copy_and_sync(void *arg)
{
	struct aof_rewrite *rewrite = arg;
	struct stat st = { 0 };
	int r = 0;

	if (rewrite->log >= 0) {
		r = fstat(rewrite->log, &st) < 0 ? -errno : copy_log(rewrite, (uint64_t)st.st_size);
	}
	if (r == 0 && fsync(rewrite->out.fd) < 0) {
		r = -errno;
	}
	if (r == 0) {
		rewrite->synced = rewrite->from;
	}
	return r;
}

static void start_copy(struct aof_rewrite *rewrite)
{
	rewrite->rounds++;
	rewrite->lag = rewrite->end - rewrite->from;
	rewrite->stage = AOF_REWRITE_WAITING;
	background_job_start(rewrite->job, copy_and_sync, rewrite);
}

static int write_some(struct aof_rewrite *rewrite)
{
	bool more = snapshot_step(rewrite->snapshot);

	if (!more && !rewrite->out.error) { /* after an error entries are missing: no second try */
		aof_writer_flush(&rewrite->out);
	}
	if (rewrite->out.error) {
		return -rewrite->out.error;
	}
	if (!more) {
		end_snapshot(rewrite);
		start_copy(rewrite);
	}
	return rewrite->stage;
}

/* Whether what the log has on the disk is not there in the new file. */
static bool is_behind(const struct aof_rewrite *rewrite, uint64_t synced)
{
	return rewrite->log >= 0 && rewrite->synced < synced;
}

/* Whether more is missing than the switch may copy. */
static bool is_far_behind(const struct aof_rewrite *rewrite)
{
	return rewrite->log >= 0 && rewrite->end - rewrite->from > STEP_MAX;
}

/* The first round has all of the snapshot to sync, which says little of the next ones. */
static void check_progress(struct aof_rewrite *rewrite)
{
	if (rewrite->rounds > 1 && rewrite->end - rewrite->from > rewrite->lag / 2) {
		rewrite->late = true;
	}
}

/* The log grows as fast as the thread copies it. The loop is faster, as each step shortens the rest. */
static int copy_in_loop(struct aof_rewrite *rewrite, uint64_t grown)
{
	uint64_t most = 2 * grown > STEP_MAX ? 2 * grown : STEP_MAX;
	uint64_t left = rewrite->end - rewrite->from;
	int r = copy_log(rewrite, rewrite->from + (most < left ? most : left));

	return r < 0 ? r : AOF_REWRITE_WALKING;
}

bool aof_rewrite_is_late(const struct aof_rewrite *rewrite)
{
	return rewrite->late;
}

int aof_rewrite_step(struct aof_rewrite *rewrite, uint64_t end, uint64_t synced)
{
	uint64_t grown = end - rewrite->end;
	int r;

	rewrite->end = end;
	if (background_job_is_busy(rewrite->job)) {
		return AOF_REWRITE_WAITING;
	}
	if (rewrite->cancelled) {
		return -ECANCELED;
	}
	if (rewrite->stage == AOF_REWRITE_WALKING) {
		return write_some(rewrite);
	}
	r = background_job_take_result(rewrite->job);
	if (r < 0 || rewrite->stage == AOF_REWRITE_DONE) {
		return r < 0 ? r : AOF_REWRITE_DONE;
	}
	if (rewrite->stage == AOF_REWRITE_WAITING) {
		check_progress(rewrite);
	}
	rewrite->stage = AOF_REWRITE_READY;
	if (is_behind(rewrite, synced) || (is_far_behind(rewrite) && !rewrite->late)) {
		start_copy(rewrite);
	} else if (is_far_behind(rewrite)) {
		return copy_in_loop(rewrite, grown);
	}
	return rewrite->stage;
}

/* On the thread: to give back the room of a large file takes its time. */
static int close_log(void *arg)
{
	struct aof_rewrite *rewrite = arg;

	close(rewrite->log);
	return 0;
}

int aof_rewrite_switch(struct aof_rewrite *rewrite, int log, uint64_t end, uint64_t synced,
		       int *ret_fd, uint64_t *ret_size)
{
	bool sync = is_behind(rewrite, synced);
	int r = copy_log(rewrite, end);

	if (r == 0 && sync && fdatasync(rewrite->out.fd) < 0) {
		r = -errno;
	}
	if (r == 0) {
		r = aof_file_replace(rewrite->place, AOF_REWRITE_SUFFIX);
	}
	if (r < 0) {
		return r;
	}
	*ret_fd = rewrite->out.fd;
	*ret_size = rewrite->out.size;
	rewrite->out.fd = -1;
	rewrite->stage = AOF_REWRITE_DONE;
	rewrite->log = log;
	background_job_start(rewrite->job, close_log, rewrite);
	return 0;
}

void aof_rewrite_cancel(struct aof_rewrite *rewrite)
{
	rewrite->cancelled = rewrite->stage != AOF_REWRITE_DONE;
}

void aof_rewrite_destroy(struct aof_rewrite *rewrite)
{
	if (!rewrite) {
		return;
	}
	end_snapshot(rewrite);
	background_job_destroy(rewrite->job);
	if (rewrite->out.fd >= 0) {
		close(rewrite->out.fd);
		aof_file_remove(rewrite->place, AOF_REWRITE_SUFFIX);
	}
	aof_writer_finish(&rewrite->out);
	free(rewrite);
}

int aof_rewrite_all(const struct aof_place *place, struct keyspace *keyspace, int *ret_fd,
		    uint64_t *ret_size)
{
	struct aof_rewrite *rewrite;
	int r = aof_rewrite_create(place, keyspace, -1, 0, &rewrite);

	if (r < 0) {
		return r;
	}
	do {
		uint64_t size = rewrite->out.size;

		r = aof_rewrite_step(rewrite, 0, 0);
		work_add(keyspace->work, WORK_LOOK + (size_t)(rewrite->out.size - size));
	} while (r == AOF_REWRITE_WALKING);
	if (r == AOF_REWRITE_WAITING) {
		r = background_job_wait(rewrite->job);
	}
	if (r == 0) {
		*ret_fd = rewrite->out.fd;
		*ret_size = rewrite->out.size;
		rewrite->out.fd = -1;
	}
	aof_rewrite_destroy(rewrite);
	return r;
}

bool aof_rewrite_clean_up(const struct aof_place *place)
{
	return aof_file_remove(place, AOF_REWRITE_SUFFIX) == 0;
}
