/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a dump, in order, with the offset and the checksum of what was read and the text of
 * what is wrong. For the rest of rdb/.
 */
#ifndef REDIS_LITE_RDB_INPUT_H
#define REDIS_LITE_RDB_INPUT_H

#include "rdb/crc64.h"
#include "util/work.h"

/* Room for what is wrong with an RDB file. */
#define RDB_ERROR_MAX 192

/* The bytes of an RDB file, in order. */
struct rdb_input {
	int fd;		       /* negative: all of them are at next */
	uint64_t offset, size; /* in the file: of what comes next, and its end */
	uint64_t sum;	       /* of all that was read */
	const char *next;
	size_t have;
	char *buf;
	struct work *work; /* that reading is; or NULL */
	char error[RDB_ERROR_MAX];
	struct crc64 crc;
};

/* rdb_input_create() - for a file of @size bytes, from its beginning; NULL if out of memory */
struct rdb_input *rdb_input_create(int fd, uint64_t size);

/* rdb_input_create_from() - the same for bytes in memory, which stay the caller's */
struct rdb_input *rdb_input_create_from(const char *data, size_t len);

/* rdb_input_destroy() - the file stays the caller's */
void rdb_input_destroy(struct rdb_input *input);

/* rdb_input_left() - how many bytes come yet */
static inline uint64_t rdb_input_left(const struct rdb_input *input)
{
	return input->size - input->offset;
}

/* rdb_input_read() - the next @len bytes; 0, or -errno as rdb_input_fail() */
int rdb_input_read(struct rdb_input *input, void *to, size_t len);

/* rdb_input_fail() - note what is wrong, and return @r */
int rdb_input_fail(struct rdb_input *input, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* rdb_input_damaged() - the same for bytes that no Redis has written */
int rdb_input_damaged(struct rdb_input *input, const char *what);

#endif
