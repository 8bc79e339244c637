/* SPDX-License-Identifier: MIT */
/*
 * Requests gathered in memory and written to a file in large pieces.
 *
 * A write that fails leaves its bytes in memory, and the next flush begins with them, so that the
 * file is always a prefix of what was logged. If there is not even memory to keep them the writer
 * is lossy: then it writes nothing any more, as the file would have a hole.
 */
#include "aof/writer.h"
#include "store/keyspace.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* What gathers in memory before it is written within a turn; larger pieces are not copied. */
#define GATHER_MAX (1024 * 1024)

/* What is written in one go: a slow disk takes its time. */
#define PIECE ((size_t)16 * 1024 * 1024)

/* Room to begin with, and room above which it is given back after use. */
#define ROOM_FIRST (256 * 1024)
#define ROOM_KEPT  GATHER_MAX

void aof_writer_init(struct aof_writer *writer, int fd, uint64_t size)
{
	*writer = (struct aof_writer){ .fd = fd, .size = size, .db = KEYSPACE_DBS };
}

void aof_writer_finish(struct aof_writer *writer)
{
	free(writer->buf);
	*writer = (struct aof_writer){ .fd = -1 };
}

/* Writes as much as it can; returns how much, and remembers why it was not all. */
static size_t write_bytes(struct aof_writer *writer, const char *data, size_t len)
{
	size_t done = 0;

	writer->error = 0;
	while (done < len && !writer->error) {
		size_t piece = len - done < PIECE ? len - done : PIECE;
		ssize_t n = write(writer->fd, data + done, piece);

		if (n >= 0) {
			done += (size_t)n;
			work_add(writer->work, (size_t)n);
		} else if (errno != EINTR) {
			writer->error = errno;
		}
	}
	writer->size += done;
	return done;
}

static int resize_buffer(struct aof_writer *writer, size_t room)
{
	char *buf = realloc(writer->buf, room);

	if (!buf) {
		return -ENOMEM;
	}
	writer->buf = buf;
	writer->room = room;
	return 0;
}

void aof_writer_flush(struct aof_writer *writer)
{
	size_t done;

	if (writer->len == 0 || writer->lossy) {
		return;
	}
	done = write_bytes(writer, writer->buf, writer->len);
	writer->len -= done;
	memmove(writer->buf, writer->buf + done, writer->len);
	if (writer->len == 0 && writer->room > ROOM_KEPT) {
		resize_buffer(writer, ROOM_FIRST);
	}
}

static int grow_buffer(struct aof_writer *writer, size_t len)
{
	size_t room = writer->room ? writer->room : ROOM_FIRST;

	if (len > SIZE_MAX / 2 - writer->len) {
		return -ENOMEM;
	}
	while (room < writer->len + len) {
		room *= 2;
	}
	return room == writer->room ? 0 : resize_buffer(writer, room);
}

/* What does not simply fit. */
static void append_slow(struct aof_writer *writer, const char *data, size_t len)
{
	if (writer->len + len > GATHER_MAX && !writer->error) {
		aof_writer_flush(writer);
	}
	if (len > GATHER_MAX && !writer->error) {
		size_t done = write_bytes(writer, data, len);

		data += done;
		len -= done;
	}
	if (grow_buffer(writer, len) < 0) {
		writer->error = ENOMEM;
		writer->lossy = true;
		return;
	}
	memcpy(writer->buf + writer->len, data, len);
	writer->len += len;
}

void aof_writer_append(struct aof_writer *writer, const char *data, size_t len)
{
	size_t end = writer->len + len;

	if (end > writer->room || end > GATHER_MAX) {
		append_slow(writer, data, len);
		return;
	}
	memcpy(writer->buf + writer->len, data, len);
	writer->len = end;
}

static void append_head(struct aof_writer *writer, char type, size_t value)
{
	char head[SHINY_RESP_INTEGER_MAX + 3];
	size_t len = 1 + shiny_resp_format_unsigned(head + 1, value);

	head[0] = type;
	head[len++] = '\r';
	head[len++] = '\n';
	aof_writer_append(writer, head, len);
}

void aof_writer_request(struct aof_writer *writer, const struct shiny_resp_arg *argv, size_t argc)
{
	append_head(writer, '*', argc);
	for (size_t i = 0; i < argc; i++) {
		append_head(writer, '$', argv[i].len);
		aof_writer_append(writer, argv[i].data, argv[i].len);
		aof_writer_append(writer, "\r\n", 2);
	}
}

void aof_writer_select(struct aof_writer *writer, unsigned db)
{
	char digits[SHINY_RESP_INTEGER_MAX];

	if (db != writer->db) {
		size_t len = shiny_resp_format_unsigned(digits, db);
		const struct shiny_resp_arg argv[] = { SHINY_RESP_ARG("SELECT"), { digits, len } };

		aof_writer_request(writer, argv, 2);
		writer->db = db;
	}
}

void aof_writer_drop(struct aof_writer *writer)
{
	writer->len = 0;
	writer->error = 0;
	writer->lossy = false;
}
