/* SPDX-License-Identifier: MIT */
/*
 * A dump of a redis-server, read item by item. Keys are handed to a visitor, and what is no string
 * is refused.
 */
#ifndef REDIS_LITE_RDB_RDB_H
#define REDIS_LITE_RDB_RDB_H

#include "rdb/input.h"

#include <stdbool.h>

/* What an RDB file begins with. */
#define RDB_MAGIC     "REDIS"
#define RDB_MAGIC_LEN 5

/* A key with its value. */
struct rdb_pair {
	uint64_t db;
	const char *key, *value;
	size_t key_len, value_len;
	int64_t expiry; /* in milliseconds of the wall clock, 0: never */
};

/* Called for each of them; returns 0, or negative as rdb_input_fail() does, which ends the reading. */
typedef int (*rdb_visitor)(void *arg, struct rdb_input *input, const struct rdb_pair *pair);

/*
 * rdb_read() - read a file of version 1 to 12, up to its checksum
 *
 * Anything that would be lost is refused: keys that are no strings, functions, modules' data. More
 * may stand behind, as in an append-only file; @input->offset says where.
 *
 * Returns 0, or negative with the reason in @input->error and, in *@ret_offset, where.
 */
int rdb_read(struct rdb_input *input, rdb_visitor visit, void *arg, uint64_t *ret_offset);

/* Room for a key as it is shown. */
#define RDB_SHOWN_MAX 64

/* rdb_show() - a key, or its beginning, for a message: in quotes, with \xNN for what does not print */
const char *rdb_show(const char *key, size_t len, char *buf);

#endif
