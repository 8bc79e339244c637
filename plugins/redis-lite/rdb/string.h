/* SPDX-License-Identifier: MIT */
/*
 * Lengths and strings as a dump has them. For rdb.c.
 */
#ifndef REDIS_LITE_RDB_STRING_H
#define REDIS_LITE_RDB_STRING_H

#include "rdb/input.h"

/* A string that was read, in memory that is used again for the next. All zeros is one without. */
struct rdb_string {
	char *data;
	size_t len, room;
};

/* rdb_string_finish() - give its memory back */
void rdb_string_finish(struct rdb_string *string);

/* rdb_length_read() - a length, or another number, up to @most; 0 or -errno as rdb_input_fail() */
int rdb_length_read(struct rdb_input *input, uint64_t most, uint64_t *ret_length);

/* rdb_string_read() - a string in any of its forms; likewise */
int rdb_string_read(struct rdb_input *input, struct rdb_string *string);

#endif
