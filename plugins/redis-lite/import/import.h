/* SPDX-License-Identifier: MIT */
/*
 * Loading what find.h has found, and putting a file of ours in its place. Called at the start, by
 * persistence.c.
 */
#ifndef REDIS_LITE_IMPORT_IMPORT_H
#define REDIS_LITE_IMPORT_IMPORT_H

#include <stdint.h>

struct aof_place;
struct aof_load_target;
struct import_source;

/*
 * import_run() - load what a Redis has left, and make a file of ours of it
 *
 * @file is the append-only file, which is locked. What was loaded is called NAME.imported-N then; until
 * it is, nothing of it has changed, and the next start begins again.
 *
 * Owner:   closes @file; *@ret_file is the file that has its name now, all of it on the disk.
 * Returns: 0, or negative with one line in @error (of SHINY_ERROR_MAX bytes), and @file as it was.
 */
int import_run(const struct aof_load_target *target, const struct aof_place *place,
	       const struct import_source *source, int file, char *error, int *ret_file,
	       uint64_t *ret_size);

#endif
