/* SPDX-License-Identifier: MIT */
/*
 * Loading a dump into the keyspace, alone or from the head of an append-only file.
 */
#ifndef REDIS_LITE_RDB_LOAD_H
#define REDIS_LITE_RDB_LOAD_H

#include <stdint.h>

struct keyspace;

/*
 * rdb_load() - take the keys of an RDB file into the keyspace
 *
 * @name is what an error calls it. More may stand behind it, from *@ret_end on. Returns 0, or negative
 * with one line in @error (of SHINY_ERROR_MAX bytes).
 */
int rdb_load(struct keyspace *keyspace, int fd, uint64_t size, const char *name, char *error,
	     uint64_t *ret_end);

#endif
