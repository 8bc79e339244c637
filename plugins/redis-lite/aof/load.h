/* SPDX-License-Identifier: MIT */
/*
 * Loading requests from a file. The loader finds where records begin and end and what a crash has
 * left behind them; the requests themselves are run by a function that it is given, as it knows no
 * commands.
 *
 * Called at the start, by persistence.c and import/, while nothing is served.
 */
#ifndef REDIS_LITE_AOF_LOAD_H
#define REDIS_LITE_AOF_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aof_place;
struct keyspace;
struct shiny_host;

/* What came of a piece of a file that was run. */
struct aof_replayed {
	size_t used; /* bytes whose requests were run */
	size_t want; /* bytes that the next request takes at least, if it is incomplete; else 0 */
	const char
		*failure;  /* what a client would be told of the one behind those; NULL: nothing */
	bool malformed;	   /* since that is no request */
	bool in_multi;	   /* the EXEC of a MULTI has not come yet */
	const char *multi; /* that MULTI, if it was in this piece; else NULL */
};

/* Who runs the requests of a file. */
struct aof_replay {
	/* reset() - a file begins: nothing is left of the one before */
	void (*reset)(struct aof_replay *replay);
	/*
	 * run() - run requests one after another, up to one that fails
	 *
	 * Without a failure nothing is left but the beginning of a request, or what run() may do next.
	 * What it returns is valid until the next call.
	 */
	struct aof_replayed (*run)(struct aof_replay *replay, const char *data, size_t len);
};

/* Where what is loaded goes. */
struct aof_load_target {
	const struct shiny_host *host;
	struct keyspace *keyspace;
	struct aof_replay *replay;
	uint64_t corrupt_tail_max_size; /* a damaged end may be lost up to this */
};

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
int aof_load(const struct aof_load_target *target, const struct aof_load *load, char *error,
	     uint64_t *ret_size);

#endif
