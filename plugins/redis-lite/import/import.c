/* SPDX-License-Identifier: MIT */
/*
 * Taking over what a Redis has left.
 *
 * It is loaded, and written as a file of ours, FILE.rewrite, which is called FILE.import once all of it
 * is on the disk. Only then is theirs called NAME.imported-N, and after that ours gets the file's name.
 * Each of these steps is one rename(2) that is on the disk before the next: whoever finds FILE.import
 * beside theirs begins again, and whoever finds it alone gives it the name.
 */
#include "import/import.h"
#include "aof/file.h"
#include "aof/load.h"
#include "aof/rewrite.h"
#include "import/files.h"
#include "import/find.h"
#include "import/manifest.h"
#include "import/names.h"
#include "rdb/load.h"
#include "store/keyspace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <shiny-plugin.h>

#define NUMBER_LAST 9999

struct import {
	const struct aof_load_target *target;
	const struct aof_place *place;
	const struct import_source *source;
	struct import_files files;
	char *error;
};

static int fail(char *error, int r, const char *what, const char *name)
{
	snprintf(error, SHINY_ERROR_MAX, "%s %.128s: %s", what, name, strerror(-r));
	return r;
}

/* Opens a file of theirs, which may be anything, and says how large it is. */
static int open_theirs(struct import *import, const char *path, uint64_t *ret_size)
{
	int r = import_files_add(&import->files, path, import->error), fd;
	struct stat st;

	if (r < 0) {
		return r;
	}
	fd = openat(import->place->dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		return fail(import->error, -errno, "cannot open", path);
	}
	if (fstat(fd, &st) < 0) {
		r = fail(import->error, -errno, "cannot read", path);
	} else if (!S_ISREG(st.st_mode)) {
		snprintf(import->error, SHINY_ERROR_MAX, "%.128s is no regular file", path);
		r = -EINVAL;
	}
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_size = (uint64_t)st.st_size;
	return fd;
}

static int load_requests(struct import *import, const char *path, enum aof_load_end end)
{
	uint64_t size = 0, loaded = 0;
	int fd = open_theirs(import, path, &size), r;
	const struct aof_load load = { .fd = fd, .name = path, .end = end, .is_import = true };

	if (fd < 0) {
		return fd;
	}
	r = aof_load(import->target, &load, import->error, &loaded);
	close(fd);
	return r;
}

/* The files that a manifest names; @prefix stands before each name. */
static int load_manifest(struct import *import, const char *prefix, const char *name)
{
	struct manifest manifest = { 0 };
	char why[MANIFEST_ERROR_MAX], path[IMPORT_PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s%s", prefix, name);
	r = import_files_add(&import->files, path, import->error);
	if (r < 0) {
		return r;
	}
	r = manifest_read(import->place->dir, path, why, &manifest);
	if (r < 0) {
		snprintf(import->error, SHINY_ERROR_MAX, "%.96s: %s", path, why);
	}
	for (size_t i = 0; r == 0 && i < manifest.current; i++) {
		bool last = i + 1 == manifest.current;

		snprintf(path, sizeof(path), "%s%s", prefix, manifest.names[i]);
		r = load_requests(import, path, last ? AOF_LOAD_LEAVE : AOF_LOAD_WHOLE);
	}
	manifest_finish(&manifest);
	return r;
}

static int load_folder(struct import *import)
{
	char prefix[AOF_NAME_MAX + 1];

	snprintf(prefix, sizeof(prefix), "%s/", import->source->name);
	return load_manifest(import, prefix, import->source->manifest);
}

static int load_bare_manifest(struct import *import)
{
	return load_manifest(import, "", import->source->name);
}

static int load_dump(struct import *import)
{
	const char *name = import->source->name;
	uint64_t size = 0, end = 0;
	int fd = open_theirs(import, name, &size), r;

	if (fd < 0) {
		return fd;
	}
	r = rdb_load(import->target->keyspace, fd, size, name, import->error, &end);
	if (r == 0 && end < size) {
		snprintf(import->error, SHINY_ERROR_MAX,
			 "%.64s: damaged: %" PRIu64 " bytes behind its end, at offset %" PRIu64,
			 name, size - end, end);
		r = -EBADMSG;
	}
	close(fd);
	return r;
}

static int load_file(struct import *import)
{
	import->files.is_ours = true;
	return load_requests(import, import->source->name, AOF_LOAD_LEAVE);
}

static int (*const loaders[])(struct import *import) = {
	[IMPORT_FOLDER] = load_folder,
	[IMPORT_MANIFEST] = load_bare_manifest,
	[IMPORT_DUMP] = load_dump,
	[IMPORT_FILE] = load_file,
};

/* Gives a file another name, for good. */
static int rename_and_sync(const struct aof_place *place, const char *from, const char *to,
			   char *error)
{
	int r = renameat(place->dir, from, place->dir, to) < 0 ? -errno : aof_place_sync(place);

	return r < 0 ? fail(error, r, "cannot rename", from) : 0;
}

/* NAME.imported-N, which is not there yet. */
static int choose_name(const struct aof_place *place, const char *name, char *buf, char *error)
{
	for (unsigned i = 1; i <= NUMBER_LAST; i++) {
		struct stat st;
		int len = snprintf(buf, AOF_NAME_MAX, "%s" IMPORTED "%u", name, i);

		if (len >= AOF_NAME_MAX) {
			return fail(error, -ENAMETOOLONG, "cannot rename", name);
		}
		if (fstatat(place->dir, buf, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			return errno == ENOENT ? 0 : fail(error, -errno, "cannot look at", buf);
		}
	}
	return fail(error, -EEXIST, "cannot rename", name);
}

static void log_import(const struct aof_load_target *target, const char *name, const char *imported)
{
	const struct shiny_host *host = target->host;
	char text[SHINY_ERROR_MAX];
	size_t keys = 0;

	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		keys += target->keyspace->db[db].count;
	}
	snprintf(text, sizeof(text),
		 "append-only file: imported %zu keys from %.64s, which is called %.64s from now "
		 "on; "
		 "a redis-server that still runs must not go on",
		 keys, name, imported);
	host->log(host, SHINY_LOG_NOTICE, text);
}

/* From here on theirs is no longer needed. */
static int rename_to_ours(const struct aof_load_target *target, const struct aof_place *place,
			  const char *theirs, char *error)
{
	char rewrite[AOF_NAME_MAX], import[AOF_NAME_MAX], imported[AOF_NAME_MAX];
	struct stat st;
	int r = choose_name(place, theirs, imported, error);

	aof_file_name(place, AOF_REWRITE_SUFFIX, rewrite);
	aof_file_name(place, IMPORT_SUFFIX, import);
	if (r == 0) {
		r = rename_and_sync(place, rewrite, import, error);
	}
	if (r == 0) {
		r = rename_and_sync(place, theirs, imported, error);
	}
	if (r == 0) {
		r = rename_and_sync(place, import, place->name, error);
	}
	if (r == 0) {
		log_import(target, theirs, imported);
	} else if (fstatat(place->dir, theirs, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		aof_file_remove(place, IMPORT_SUFFIX);
	}
	return r;
}

/* Loads theirs, and writes ours beside it, which is all on the disk then. */
static int load_and_write(struct import *import, int *ret_file, uint64_t *ret_size)
{
	char name[AOF_NAME_MAX];
	int r = loaders[import->source->kind](import);

	if (r < 0) {
		return r;
	}
	r = aof_rewrite_all(import->place, import->target->keyspace, ret_file, ret_size);
	return r < 0 ? fail(import->error, r, "cannot write",
			    aof_file_name(import->place, AOF_REWRITE_SUFFIX, name))
		     : 0;
}

static int run_import(struct import *import, int *ret_file, uint64_t *ret_size)
{
	uint64_t size = 0;
	int r, fd = -1;

	aof_file_remove(import->place, IMPORT_SUFFIX); /* of a time before */
	r = load_and_write(import, &fd, &size);
	if (r < 0) {
		return r;
	}
	r = import_files_check(&import->files, import->error);
	if (r == 0) {
		r = rename_to_ours(import->target, import->place, import->source->name,
				   import->error);
	}
	if (r < 0) {
		aof_file_remove(import->place, AOF_REWRITE_SUFFIX);
		close(fd);
		return r;
	}
	*ret_file = fd;
	*ret_size = size;
	return 0;
}

/* Nobody else has it open: FILE, which is locked, is not there while theirs has that name. */
static int finish_interrupted(const struct aof_load_target *target, const struct aof_place *place,
			      char *error, int *ret_file, uint64_t *ret_size)
{
	char name[AOF_NAME_MAX];
	int fd, r;

	aof_file_name(place, IMPORT_SUFFIX, name);
	fd = openat(place->dir, name, O_RDWR | O_APPEND | O_CLOEXEC);
	if (fd < 0) {
		return fail(error, -errno, "cannot open", name);
	}
	r = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -EBUSY : 0;
	if (r < 0) {
		fail(error, r, "cannot lock", name);
	} else {
		r = rename_and_sync(place, name, place->name, error);
	}
	if (r == 0) {
		const struct aof_load load = {
			.fd = fd,
			.name = "append-only file",
			.end = AOF_LOAD_WHOLE,
		};

		r = aof_load(target, &load, error, ret_size);
	}
	if (r < 0) {
		close(fd);
		return r;
	}
	target->host->log(target->host, SHINY_LOG_NOTICE,
			  "append-only file: finished an import that had been interrupted");
	*ret_file = fd;
	return 0;
}

int import_run(const struct aof_load_target *target, const struct aof_place *place,
	       const struct import_source *source, int file, char *error, int *ret_file,
	       uint64_t *ret_size)
{
	struct import import = {
		.target = target,
		.place = place,
		.source = source,
		.files.dir = place->dir,
		.error = error,
	};
	int r = source->kind == IMPORT_REST
			? finish_interrupted(target, place, error, ret_file, ret_size)
			: run_import(&import, ret_file, ret_size);

	import_files_finish(&import.files);
	if (r == 0) {
		close(file);
	}
	return r;
}
