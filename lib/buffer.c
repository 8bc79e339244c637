/* SPDX-License-Identifier: MIT */
/*
 * A growable queue of bytes, and a pool of idle ones.
 */
#include "buffer.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define INITIAL_SIZE ((size_t)16 * 1024)
#define POOLED_SIZE  ((size_t)128 * 1024) /* a larger one is freed, not pooled */
#define POOLED_COUNT 64

static void destroy(struct shiny_buffer *buffer)
{
	free(buffer->data);
	free(buffer);
}

void shiny_buffer_pool_finish(struct shiny_buffer_pool *pool)
{
	while (pool->idle) {
		struct shiny_buffer *buffer = pool->idle;
		pool->idle = buffer->next;
		destroy(buffer);
	}
	pool->count = 0;
}

struct shiny_buffer *shiny_buffer_take(struct shiny_buffer_pool *pool)
{
	struct shiny_buffer *buffer = pool->idle;

	if (!buffer) {
		return calloc(1, sizeof(*buffer));
	}
	pool->idle = buffer->next;
	pool->count--;
	buffer->start = buffer->end = buffer->want = buffer->reserved = 0;
	return buffer;
}

void shiny_buffer_give(struct shiny_buffer_pool *pool, struct shiny_buffer **buffer)
{
	struct shiny_buffer *given = *buffer;

	*buffer = NULL;
	if (!given) {
		return;
	}
	if (given->size > POOLED_SIZE || pool->count == POOLED_COUNT) {
		destroy(given);
		return;
	}
	given->next = pool->idle;
	pool->idle = given;
	pool->count++;
}

static void move_to_front(struct shiny_buffer *buffer)
{
	size_t length = buffer->end - buffer->start;

	memmove(buffer->data, buffer->data + buffer->start, length);
	buffer->start = 0;
	buffer->end = length;
}

void shiny_buffer_trim(struct shiny_buffer *buffer)
{
	size_t length = buffer->end - buffer->start;
	char *data;

	if (buffer->size <= POOLED_SIZE || length > buffer->size / 4) {
		return;
	}
	move_to_front(buffer);
	buffer->size = length > INITIAL_SIZE ? length : INITIAL_SIZE;
	data = realloc(buffer->data, buffer->size);
	if (data) { /* else it is the same, with more room */
		buffer->data = data;
	}
}

int shiny_buffer_grow(struct shiny_buffer *buffer, size_t room)
{
	size_t length = buffer->end - buffer->start;

	/*
	 * Moving costs at most what was consumed since the last move: linear over the buffer's
	 * life.
	 */
	if (buffer->size - length >= room && buffer->start >= length) {
		move_to_front(buffer);
		return 0;
	}
	if (room > SIZE_MAX / 2 - buffer->end) {
		return -ENOMEM;
	}
	size_t size = buffer->size ? buffer->size * 2 : INITIAL_SIZE;
	if (size < buffer->end + room) {
		size = buffer->end + room;
	}
	char *data = realloc(buffer->data, size);
	if (!data) {
		return -ENOMEM;
	}
	buffer->data = data;
	buffer->size = size;
	return 0;
}
