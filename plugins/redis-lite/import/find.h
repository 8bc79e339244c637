/* SPDX-License-Identifier: MIT */
/*
 * What a redis-server has left in the folder of the append-only file. Nothing is read but names,
 * sizes, manifests and first bytes, and nothing is changed. Called at each start.
 */
#ifndef REDIS_LITE_IMPORT_FIND_H
#define REDIS_LITE_IMPORT_FIND_H

#include "aof/file.h"

#include <stdbool.h>

struct shiny_host;

enum import_kind {
	IMPORT_NOTHING,
	IMPORT_FOLDER,	 /* appendonlydir, of a Redis 7 */
	IMPORT_MANIFEST, /* the same files beside ours, with their manifest */
	IMPORT_DUMP,	 /* dump.rdb */
	IMPORT_FILE,	 /* the file itself, with an RDB preamble: of a Redis 4 to 6 */
	IMPORT_REST,	 /* FILE.import only wants the file's name */
};

/* What is to be loaded instead of the file. */
struct import_source {
	enum import_kind kind;
	char name[AOF_NAME_MAX];     /* what is to be called NAME.imported-N then */
	char manifest[AOF_NAME_MAX]; /* of a folder: in it */
	bool file_is_missing;	     /* our own is not there yet */
};

/*
 * import_find() - what a Redis has left in the folder
 *
 * Changes nothing. Whatever looks like data of a Redis, and would not be loaded, is an error, and so is
 * a choice. Returns 0, or negative with one line in @error (of SHINY_ERROR_MAX bytes).
 */
int import_find(const struct aof_place *place, const struct shiny_host *host, char *error,
		struct import_source *ret_source);

/* import_find_nothing() - the same for a start without the file: then anything to be loaded is an error */
int import_find_nothing(const struct aof_place *place, const struct shiny_host *host, char *error);

#endif
