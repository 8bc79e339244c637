/* SPDX-License-Identifier: MIT */
/*
 * A growable queue of bytes, and a pool of idle ones.
 *
 * Bytes enter at end and leave at start. A connection has a buffer only while bytes wait in it, so
 * an idle one costs nothing. The pool keeps the few buffers that a busy turn needs. Called by
 * input.c, output.c, conn.c and conns.c.
 */
#ifndef SHINY_BUFFER_H
#define SHINY_BUFFER_H

#include <stddef.h>

struct shiny_buffer {
	struct shiny_buffer *next; /* in the pool */
	char *data;
	size_t start, end, size;
	union {
		size_t want;	/* of input: it is not handed out before so many bytes are in it */
		size_t allowed; /* of output: by shiny_allow_output() */
	};
	size_t reserved; /* of output: bytes behind end that shiny_produce() may add */
};

struct shiny_buffer_pool {
	struct shiny_buffer *idle;
	unsigned count;
};

void shiny_buffer_pool_finish(struct shiny_buffer_pool *pool);

/* An empty buffer with nothing wanted, allowed or reserved, or NULL. */
struct shiny_buffer *shiny_buffer_take(struct shiny_buffer_pool *pool);

/* Gives *@buffer back and sets it to NULL; it may be NULL already. */
void shiny_buffer_give(struct shiny_buffer_pool *pool, struct shiny_buffer **buffer);

/* Makes room for @room bytes at end; moves the bytes. Returns 0 or -ENOMEM. */
int shiny_buffer_grow(struct shiny_buffer *buffer, size_t room);

/* Gives room back if little of it is in use, which moves the bytes. */
void shiny_buffer_trim(struct shiny_buffer *buffer);

static inline size_t shiny_buffer_length(const struct shiny_buffer *buffer)
{
	return buffer ? buffer->end - buffer->start : 0;
}

static inline int shiny_buffer_reserve(struct shiny_buffer *buffer, size_t room)
{
	return buffer->size - buffer->end >= room ? 0 : shiny_buffer_grow(buffer, room);
}

#endif
