/* SPDX-License-Identifier: MIT */
/*
 * A dump's bytes, read in large pieces and handed out in small ones.
 *
 * Each byte that is handed out is counted, in the offset that errors name and in the checksum.
 */
#include "rdb/input.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Read at once; longer pieces go to where they belong, so many bytes at a time. */
#define PIECE (256 * 1024)

static struct rdb_input *create(int fd, uint64_t size)
{
	struct rdb_input *input = calloc(1, sizeof(*input));

	if (input) {
		input->fd = fd;
		input->size = size;
		crc64_init(&input->crc);
	}
	return input;
}

struct rdb_input *rdb_input_create(int fd, uint64_t size)
{
	struct rdb_input *input = create(fd, size);

	if (input) {
		input->buf = malloc(PIECE);
	}
	if (input && !input->buf) {
		rdb_input_destroy(input);
		return NULL;
	}
	return input;
}

struct rdb_input *rdb_input_create_from(const char *data, size_t len)
{
	struct rdb_input *input = create(-1, len);

	if (input) {
		input->next = data;
		input->have = len;
	}
	return input;
}

void rdb_input_destroy(struct rdb_input *input)
{
	if (input) {
		free(input->buf);
		free(input);
	}
}

int rdb_input_fail(struct rdb_input *input, int r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(input->error, sizeof(input->error), format, args);
	va_end(args);
	return r;
}

int rdb_input_damaged(struct rdb_input *input, const char *what)
{
	return rdb_input_fail(input, -EBADMSG, "damaged: %s", what);
}

/* Reads up to @len bytes of the file from @offset on; there are some. */
static int read_piece(struct rdb_input *input, uint64_t offset, char *to, size_t len,
		      size_t *ret_len)
{
	ssize_t n;

	do {
		n = pread(input->fd, to, len < PIECE ? len : PIECE, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		return rdb_input_fail(input, -errno, "cannot read: %s", strerror(errno));
	}
	if (n == 0) {
		return rdb_input_damaged(input, "it became shorter while it was read");
	}
	work_add(input->work, (size_t)n);
	*ret_len = (size_t)n;
	return 0;
}

static int fill_buffer(struct rdb_input *input)
{
	uint64_t left = rdb_input_left(input);

	input->next = input->buf;
	return read_piece(input, input->offset, input->buf, left < PIECE ? (size_t)left : PIECE,
			  &input->have);
}

/* Some of the next bytes, and there are @len: what is in the buffer, or a piece past it. */
static int read_some(struct rdb_input *input, char *to, size_t len, size_t *ret_len)
{
	if (input->have == 0 && len >= PIECE) {
		return read_piece(input, input->offset, to, len, ret_len);
	}
	if (input->have == 0) {
		int r = fill_buffer(input);

		if (r < 0) {
			return r;
		}
	}
	*ret_len = len < input->have ? len : input->have;
	memcpy(to, input->next, *ret_len);
	input->next += *ret_len;
	input->have -= *ret_len;
	return 0;
}

int rdb_input_read(struct rdb_input *input, void *to, size_t len)
{
	char *p = to;

	if (len > rdb_input_left(input)) {
		return rdb_input_damaged(input, "the file ends too early");
	}
	while (len > 0) {
		size_t some;
		int r = read_some(input, p, len, &some);

		if (r < 0) {
			return r;
		}
		input->sum = crc64_add(&input->crc, input->sum, p, some);
		input->offset += some;
		p += some;
		len -= some;
	}
	return 0;
}
