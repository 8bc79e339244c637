/* SPDX-License-Identifier: MIT */
/*
 * The start of a section that keeps its keys: which file is loaded, and by whom.
 *
 * What is in the folder is looked at first, as a redis-server may have left its data there, which is
 * imported once. Requests are run by the commands, through command/replay.c; the file knows nothing of them.
 * Only when all that was loaded is on the disk is it logged to.
 */
#include "persistence.h"
#include "aof/file.h"
#include "aof/load.h"
#include "aof/rewrite.h"
#include "command/instance.h"
#include "command/replay.h"
#include "import/find.h"
#include "import/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct opening {
	const struct aof_place *place;
	const struct aof_load_target *target;
	char *error;
};

static int load_own(const struct opening *opening, int fd, uint64_t *ret_size)
{
	const struct aof_load load = {
		.fd = fd,
		.name = "append-only file",
		.end = AOF_LOAD_CUT,
		.place = opening->place,
	};

	return aof_load(opening->target, &load, opening->error, ret_size);
}

/* What the file holds when it is loaded must not get lost behind what is promised next. */
static int sync_loaded(const struct opening *opening, int fd)
{
	int r = fdatasync(fd) < 0 ? -errno : aof_place_sync(opening->place);

	if (r < 0) {
		snprintf(opening->error, SHINY_ERROR_MAX, "append-only file: cannot sync: %s",
			 strerror(-r));
	}
	return r;
}

/* Loads what there is. The descriptor that is returned is that of the file which has the name then. */
static int load(const struct opening *opening, uint64_t *ret_size)
{
	const struct shiny_host *host = opening->target->host;
	const struct aof_place *place = opening->place;
	struct import_source source;
	int r = import_find(place, host, opening->error, &source);
	int fd = r < 0 ? r : aof_file_open(place, opening->error);

	if (fd < 0) {
		return fd;
	}
	if (aof_rewrite_clean_up(place)) {
		host->log(host, SHINY_LOG_NOTICE,
			  "append-only file: removed a rewrite that was not finished");
	}
	r = source.kind
		    ? import_run(opening->target, place, &source, fd, opening->error, &fd, ret_size)
		    : load_own(opening, fd, ret_size);
	if (r < 0 && source.kind && source.file_is_missing) {
		aof_file_remove_empty(place, fd);
	}
	if (r == 0) {
		r = sync_loaded(opening, fd);
	}
	aof_file_trim(fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static int load_and_log(struct instance *instance, const struct aof_place *place,
			struct aof_replay *replay, char *error)
{
	const struct aof_settings *settings = &instance->settings.aof;
	const struct aof_load_target target = {
		.host = instance->host,
		.keyspace = &instance->keyspace,
		.replay = replay,
		.corrupt_tail_max_size = settings->load_corrupt_tail_max_size,
	};
	const struct opening opening = { place, &target, error };
	const struct aof_owner owner = { instance->host, settings, &instance->keyspace };
	uint64_t size = 0;
	int fd = load(&opening, &size), r;

	if (fd < 0) {
		return fd;
	}
	r = aof_create(&owner, place, fd, size, instance->started_ms, error, &instance->aof);
	if (r < 0) {
		close(fd);
	}
	return r;
}

int persistence_open(struct instance *instance, char *error)
{
	const struct aof_settings *settings = &instance->settings.aof;
	struct aof_place place;
	struct replay replay;
	int r = aof_place_open(settings->dir, settings->filename, error, &place);

	if (r < 0) {
		return r;
	}
	replay_init(&replay, instance);
	r = load_and_log(instance, &place, &replay.base, error);
	replay_finish(&replay);
	if (r < 0) {
		aof_place_close(&place);
	}
	return r;
}

int persistence_refuse(struct instance *instance, char *error)
{
	const struct aof_settings *settings = &instance->settings.aof;
	struct aof_place place;
	int r;

	if (!settings->dir) {
		return 0;
	}
	r = aof_place_open(settings->dir, settings->filename, error, &place);
	if (r < 0) {
		return r == -ENOENT ? 0 : r;
	}
	r = import_find_nothing(&place, instance->host, error);
	aof_place_close(&place);
	return r;
}
