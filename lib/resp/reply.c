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

static size_t unflushed(const struct shiny_resp_reply *reply)
{
	return (size_t)(reply->at - reply->start);
}

void shiny_resp_flush(struct shiny_resp_reply *reply)
{
	reply->flushed += unflushed(reply);
	if (reply->at > reply->start && !reply->scratch) {
		shiny_produce(reply->conn, unflushed(reply));
	}
	reply->start = reply->at = reply->end = NULL;
}

void reply_mute(struct shiny_resp_reply *reply)
{
	shiny_resp_flush(reply);
	reply->conn = NULL;
}

void reply_unmute(struct shiny_resp_reply *reply, struct shiny_conn *conn)
{
	reply->conn = conn;
}

void reply_begin_transaction(struct shiny_resp_reply *reply)
{
	reply->in_transaction = true;
	reply->begun = reply->flushed + unflushed(reply);
}

void reply_end_transaction(struct shiny_resp_reply *reply)
{
	reply->in_transaction = false;
}

/* Room that is nobody's, for what is only counted. */
static __attribute__((noinline)) char *grow_scratch(struct shiny_resp_reply *reply, size_t len)
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
static __attribute__((noinline)) void allow(const struct shiny_resp_reply *reply, size_t size)
{
	if (reply->flushed <= reply->most || reply->in_transaction) {
		shiny_allow_output(reply->conn, shiny_unsent(reply->conn) + size);
	}
}

char *shiny_resp_grow(struct shiny_resp_reply *reply, size_t len)
{
	size_t size = len > RESERVE ? len : RESERVE;

	shiny_resp_flush(reply);
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

bool reply_prepare_more(struct shiny_resp_reply *reply, uint64_t size)
{
	uint64_t before =
		reply->in_transaction ? reply->flushed + unflushed(reply) - reply->begun : 0;

	if (!reply->conn) {
		return !reply->failed;
	}
	if (before + size > reply->most && before > 0) {
		shiny_resp_error(reply,
				 "ERR reply of %" PRIu64
				 " bytes refused: the replies of a transaction "
				 "may have %" PRIu64 " in all (max_reply), and these have %" PRIu64
				 " already",
				 size, reply->most, before);
		return false;
	}
	if (size > reply->most) {
		shiny_resp_error(reply,
				 "ERR reply of %" PRIu64 " bytes refused: it may have %" PRIu64
				 " (max_reply)",
				 size, reply->most);
		return false;
	}
	return shiny_resp_grow(reply, (size_t)size);
}

static char *put_crlf(char *p)
{
	p[0] = '\r';
	p[1] = '\n';
	return p + 2;
}

/* Writes a type byte, a number and a line's end, at most SHINY_RESP_FIXED_MAX bytes. */
static char *put_head(char *p, char type, uint64_t value)
{
	*p++ = type;
	if (value < 10) {
		*p++ = (char)('0' + value);
	} else if (value < 100) {
		*p++ = (char)('0' + value / 10);
		*p++ = (char)('0' + value % 10);
	} else {
		p += shiny_resp_format_unsigned(p, value);
	}
	return put_crlf(p);
}

static void head(struct shiny_resp_reply *reply, char type, uint64_t value)
{
	char *p = shiny_resp_room(reply, SHINY_RESP_FIXED_MAX);

	if (p) {
		shiny_resp_end(reply, put_head(p, type, value));
	}
}

void shiny_resp_raw_more(struct shiny_resp_reply *reply, const char *data, size_t len)
{
	char *p = shiny_resp_grow(reply, len);

	if (p) {
		memcpy(p, data, len);
		shiny_resp_end(reply, p + len);
	}
}

void shiny_resp_status(struct shiny_resp_reply *reply, const char *text)
{
	size_t len = strlen(text);
	char *p = shiny_resp_room(reply, len + 3);

	if (p) {
		*p++ = '+';
		memcpy(p, text, len);
		shiny_resp_end(reply, put_crlf(p + len));
	}
}

void shiny_resp_integer(struct shiny_resp_reply *reply, int64_t value)
{
	char *p = shiny_resp_room(reply, SHINY_RESP_FIXED_MAX);

	if (p) {
		*p++ = ':';
		shiny_resp_end(reply, put_crlf(p + shiny_resp_format_integer(p, value)));
	}
}

static inline bool has_room(const struct shiny_resp_reply *reply, size_t len)
{
	return (size_t)(reply->end - reply->at) >= len;
}

/* There is room for it at @p. */
static inline void put_bulk(struct shiny_resp_reply *reply, char *p, const char *data, size_t len)
{
	p = bytes_copy(put_head(p, '$', len), data, len);
	shiny_resp_end(reply, put_crlf(p));
}

void shiny_resp_bulk(struct shiny_resp_reply *reply, const char *data, size_t len)
{
	char *p = shiny_resp_room(reply, SHINY_RESP_FIXED_MAX + len);

	if (p) {
		put_bulk(reply, p, data, len);
	}
}

void reply_whole_bulk(struct shiny_resp_reply *reply, const char *data, size_t len)
{
	if (has_room(reply, SHINY_RESP_FIXED_MAX + len)) {
		put_bulk(reply, reply->at, data, len);
	} else if (reply_prepare_more(reply, SHINY_RESP_FIXED_MAX + len)) {
		shiny_resp_bulk(reply, data, len);
	}
}

size_t shiny_resp_bulk_size(size_t len)
{
	char digits[SHINY_RESP_INTEGER_MAX];

	return 1 + shiny_resp_format_unsigned(digits, len) + 2 + len + 2;
}

void shiny_resp_bulk_text(struct shiny_resp_reply *reply, const char *text)
{
	shiny_resp_bulk(reply, text, strlen(text));
}

void shiny_resp_bulk_integer(struct shiny_resp_reply *reply, int64_t value)
{
	char buf[SHINY_RESP_INTEGER_MAX];

	shiny_resp_bulk(reply, buf, shiny_resp_format_integer(buf, value));
}

void shiny_resp_text(struct shiny_resp_reply *reply, const char *data, size_t len)
{
	static const char kind[] = "txt:";
	const size_t kind_len = sizeof(kind) - 1;
	char *p;

	if (!reply->resp3) {
		shiny_resp_bulk(reply, data, len);
		return;
	}
	p = shiny_resp_room(reply, SHINY_RESP_FIXED_MAX + kind_len + len);
	if (p) {
		p = put_head(p, '=', kind_len + len);
		memcpy(p, kind, kind_len);
		memcpy(p + kind_len, data, len);
		shiny_resp_end(reply, put_crlf(p + kind_len + len));
	}
}

void shiny_resp_array(struct shiny_resp_reply *reply, size_t count)
{
	head(reply, '*', count);
}

void shiny_resp_map(struct shiny_resp_reply *reply, size_t count)
{
	if (reply->resp3) {
		head(reply, '%', count);
	} else {
		head(reply, '*', 2 * count);
	}
}

void shiny_resp_set(struct shiny_resp_reply *reply, size_t count)
{
	head(reply, reply->resp3 ? '~' : '*', count);
}

void shiny_resp_error(struct shiny_resp_reply *reply, const char *format, ...)
{
	char text[SHINY_RESP_ERROR_TEXT_MAX];
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

	char *p = shiny_resp_room(reply, (size_t)len + 3);
	if (p) {
		*p++ = '-';
		memcpy(p, text, (size_t)len);
		shiny_resp_end(reply, put_crlf(p + len));
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
