/* SPDX-License-Identifier: MIT */
/*
 * Replies as the protocol writes them, into the connection's own output.
 */
#include "reply.h"
#include "util/bytes.h"
#include "util/work.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Reserved at once: the replies of a usual batch. */
#define RESERVE 4096

static size_t unflushed(const struct reply *reply)
{
	return (size_t)(reply->at - reply->start);
}

void reply_flush(struct reply *reply)
{
	reply->flushed += unflushed(reply);
	if (reply->at > reply->start && !reply->scratch) {
		shiny_produce(reply->conn, unflushed(reply));
	}
	reply->start = reply->at = reply->end = NULL;
}

void reply_mute(struct reply *reply)
{
	reply_flush(reply);
	reply->conn = NULL;
}

void reply_unmute(struct reply *reply, struct shiny_conn *conn)
{
	reply->conn = conn;
}

void reply_begin_transaction(struct reply *reply)
{
	reply->in_transaction = true;
	reply->begun = reply->flushed + unflushed(reply);
}

void reply_end_transaction(struct reply *reply)
{
	reply->in_transaction = false;
}

/* Room that is nobody's, for what is only counted. */
static __attribute__((noinline)) char *grow_scratch(struct reply *reply, size_t len)
{
	if (len > REPLY_SCRATCH_SIZE) {
		reply->flushed += len;
		return NULL;
	}
	reply->start = reply->at = reply->scratch;
	reply->end = reply->start + REPLY_SCRATCH_SIZE;
	return reply->at;
}

/*
 * What a request replies may pass max_output; that it is not too large was looked at before it was
 * begun, or it never is. Between requests the batch looks whether the client takes its replies.
 */
static __attribute__((noinline)) void allow(const struct reply *reply, size_t size)
{
	if (reply->flushed <= reply->most || reply->in_transaction) {
		shiny_allow_output(reply->conn, shiny_unsent(reply->conn) + size);
	}
}

char *reply_grow(struct reply *reply, size_t len)
{
	size_t size = len > RESERVE ? len : RESERVE;

	reply_flush(reply);
	reply->grown = true;
	if (reply->scratch) {
		return grow_scratch(reply, len);
	}
	if (!reply->conn || reply->failed) {
		return NULL;
	}
	work_add(reply->work, size);
	if (reply->flushed > 0 || size > RESERVE) {
		allow(reply, size);
	}
	reply->start = shiny_reserve(reply->conn, size);
	if (!reply->start) {
		reply->failed = true;
		return NULL;
	}
	reply->at = reply->start;
	reply->end = reply->start + size;
	return reply->at;
}

bool reply_prepare_more(struct reply *reply, uint64_t size)
{
	uint64_t before =
		reply->in_transaction ? reply->flushed + unflushed(reply) - reply->begun : 0;

	if (!reply->conn) {
		return !reply->failed;
	}
	if (before + size > reply->most && before > 0) {
		reply_error(reply,
			    "ERR reply of %" PRIu64 " bytes refused: the replies of a transaction "
			    "may have %" PRIu64 " in all (max_reply), and these have %" PRIu64
			    " already",
			    size, reply->most, before);
		return false;
	}
	if (size > reply->most) {
		reply_error(reply,
			    "ERR reply of %" PRIu64 " bytes refused: it may have %" PRIu64
			    " (max_reply)",
			    size, reply->most);
		return false;
	}
	return reply_grow(reply, (size_t)size);
}

static char *put_crlf(char *p)
{
	p[0] = '\r';
	p[1] = '\n';
	return p + 2;
}

/* Writes a type byte, a number and a line's end, at most REPLY_FIXED_MAX bytes. */
static char *put_head(char *p, char type, uint64_t value)
{
	*p++ = type;
	if (value < 10) {
		*p++ = (char)('0' + value);
	} else if (value < 100) {
		*p++ = (char)('0' + value / 10);
		*p++ = (char)('0' + value % 10);
	} else {
		p += number_format_unsigned(p, value);
	}
	return put_crlf(p);
}

static void head(struct reply *reply, char type, uint64_t value)
{
	char *p = reply_room(reply, REPLY_FIXED_MAX);

	if (p) {
		reply_end(reply, put_head(p, type, value));
	}
}

void reply_raw_more(struct reply *reply, const char *data, size_t len)
{
	char *p = reply_grow(reply, len);

	if (p) {
		memcpy(p, data, len);
		reply_end(reply, p + len);
	}
}

void reply_status(struct reply *reply, const char *text)
{
	size_t len = strlen(text);
	char *p = reply_room(reply, len + 3);

	if (p) {
		*p++ = '+';
		memcpy(p, text, len);
		reply_end(reply, put_crlf(p + len));
	}
}

void reply_number(struct reply *reply, int64_t value)
{
	char *p = reply_room(reply, REPLY_FIXED_MAX);

	if (p) {
		*p++ = ':';
		reply_end(reply, put_crlf(p + number_format(p, value)));
	}
}

static inline bool has_room(const struct reply *reply, size_t len)
{
	return (size_t)(reply->end - reply->at) >= len;
}

/* There is room for it at @p. */
static inline void put_bulk(struct reply *reply, char *p, const char *data, size_t len)
{
	p = bytes_copy(put_head(p, '$', len), data, len);
	reply_end(reply, put_crlf(p));
}

void reply_bulk(struct reply *reply, const char *data, size_t len)
{
	char *p = reply_room(reply, REPLY_FIXED_MAX + len);

	if (p) {
		put_bulk(reply, p, data, len);
	}
}

void reply_whole_bulk(struct reply *reply, const char *data, size_t len)
{
	if (has_room(reply, REPLY_FIXED_MAX + len)) {
		put_bulk(reply, reply->at, data, len);
	} else if (reply_prepare_more(reply, REPLY_FIXED_MAX + len)) {
		reply_bulk(reply, data, len);
	}
}

size_t reply_bulk_size(size_t len)
{
	char digits[NUMBER_MAX];

	return 1 + number_format_unsigned(digits, len) + 2 + len + 2;
}

void reply_bulk_text(struct reply *reply, const char *text)
{
	reply_bulk(reply, text, strlen(text));
}

void reply_bulk_number(struct reply *reply, int64_t value)
{
	char buf[NUMBER_MAX];

	reply_bulk(reply, buf, number_format(buf, value));
}

void reply_text(struct reply *reply, const char *data, size_t len)
{
	static const char kind[] = "txt:";
	const size_t kind_len = sizeof(kind) - 1;
	char *p;

	if (!reply->resp3) {
		reply_bulk(reply, data, len);
		return;
	}
	p = reply_room(reply, REPLY_FIXED_MAX + kind_len + len);
	if (p) {
		p = put_head(p, '=', kind_len + len);
		memcpy(p, kind, kind_len);
		memcpy(p + kind_len, data, len);
		reply_end(reply, put_crlf(p + kind_len + len));
	}
}

void reply_array(struct reply *reply, size_t count)
{
	head(reply, '*', count);
}

void reply_map(struct reply *reply, size_t count)
{
	if (reply->resp3) {
		head(reply, '%', count);
	} else {
		head(reply, '*', 2 * count);
	}
}

void reply_set(struct reply *reply, size_t count)
{
	head(reply, reply->resp3 ? '~' : '*', count);
}

void reply_error(struct reply *reply, const char *format, ...)
{
	char text[REPLY_ERROR_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len >= (int)sizeof(text)) {
		len = sizeof(text) - 1;
	}
	for (int i = 0; i < len; i++) {
		if (text[i] == '\r' || text[i] == '\n') {
			text[i] = ' ';
		}
	}

	char *p = reply_room(reply, (size_t)len + 3);
	if (p) {
		*p++ = '-';
		memcpy(p, text, (size_t)len);
		reply_end(reply, put_crlf(p + len));
	}
	reply->errors++;
	reply->grown = true;
	if (reply->fatal) {
		memcpy(reply->fatal, text, (size_t)len + 1);
		reply->failed = true;
	}
	if (reply->error_stats) {
		error_stats_count(reply->error_stats, text);
	}
}
