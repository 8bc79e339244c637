/* SPDX-License-Identifier: MIT */
/*
 * Requests on their way into a file: the log's, and those of a rewrite. An error is kept in the
 * writer and not returned, as whoever logs a change cannot take it back; whoever commits looks at
 * it.
 */
#ifndef REDIS_LITE_AOF_WRITER_H
#define REDIS_LITE_AOF_WRITER_H

#include "util/work.h"

#include <shiny-resp.h>
#include <stdint.h>

/*
 * Requests on their way into a file.
 *
 * They gather in memory until they are many, or are told to go. What could not be written stays in
 * memory, so that the file never has a hole.
 */
struct aof_writer {
	int fd;
	char *buf; /* not yet written */
	size_t len, room;
	uint64_t size;	   /* of the file */
	unsigned db;	   /* that the next request is in; KEYSPACE_DBS if not known */
	int error;	   /* why it could not be written, as a positive errno value; or 0 */
	struct work *work; /* where what is written is counted; NULL: nowhere */
	bool lossy; /* something could not even be kept in memory: nothing is written any more */
};

/* aof_writer_init() - for a file of @size bytes, to which @fd appends */
void aof_writer_init(struct aof_writer *writer, int fd, uint64_t size);

/* aof_writer_finish() - free what it holds; the file stays the caller's */
void aof_writer_finish(struct aof_writer *writer);

/* aof_writer_request() - one request */
void aof_writer_request(struct aof_writer *writer, const struct shiny_resp_arg *argv, size_t argc);

/* aof_writer_append() - requests in the wire's form */
void aof_writer_append(struct aof_writer *writer, const char *data, size_t len);

/* aof_writer_select() - have the next request in a database */
void aof_writer_select(struct aof_writer *writer, unsigned db);

/* aof_writer_flush() - write all there is, after an error, too; see error */
void aof_writer_flush(struct aof_writer *writer);

/* aof_writer_drop() - forget what is not written */
void aof_writer_drop(struct aof_writer *writer);

#endif
