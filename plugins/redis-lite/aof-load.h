/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_AOF_LOAD_H
#define REDIS_LITE_AOF_LOAD_H

#include <stdint.h>

struct aof_place;
struct instance;

/*
 * aof_load() - run the requests that a file holds, from its start
 *
 * An incomplete one at the end is cut off, and kept beside the file. Returns 0 and the file's size, or negative with one line
 * in @error (of SHINY_ERROR_MAX bytes).
 */
int aof_load(struct instance *instance, const struct aof_place *place, int fd, char *error,
	     uint64_t *ret_size);

#endif
