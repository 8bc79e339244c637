/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_AOF_LOAD_H
#define REDIS_LITE_AOF_LOAD_H

#include <stdbool.h>
#include <stdint.h>

struct aof_place;
struct instance;

/* What becomes of the end of a file that was never written whole, or may be lost. */
enum aof_load_end {
	AOF_LOAD_CUT,	/* cut off, and kept in a file beside */
	AOF_LOAD_LEAVE, /* not loaded; the file stays as it is */
	AOF_LOAD_WHOLE, /* it is refused, as another file goes on from here */
};

struct aof_load {
	int fd;
	const char *name; /* that messages call it by */
	enum aof_load_end end;
	bool is_import;		       /* a redis-server wrote it, and can write it anew */
	const struct aof_place *place; /* for AOF_LOAD_CUT */
};

/*
 * aof_load() - run the requests that a file holds, from its start, where a Redis's may have an RDB file
 *
 * Returns 0, and up to where it was loaded; or negative with one line in @error (of SHINY_ERROR_MAX
 * bytes).
 */
int aof_load(struct instance *instance, const struct aof_load *load, char *error,
	     uint64_t *ret_size);

#endif
