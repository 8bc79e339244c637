/* SPDX-License-Identifier: MIT */
/*
 * Replies as the protocol writes them, into the connection's own output.
 */
#include "reply.h"
#include "bytes.h"
#include "work.h"

#include <stdarg.h>
#include <stdio.h>

/* Reserved at once: the replies of a usual batch. */
#define RESERVE 4096

void reply_flush(struct reply *reply)
{
	if (reply->at > reply->start) {
		shiny_produce(reply->conn, (size_t)(reply->at - reply->start));
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

char *reply_grow(struct reply *reply, size_t len)
{
	size_t size = len > RESERVE ? len : RESERVE;

	reply_flush(reply);
	reply->grown = true;
	if (!reply->conn || reply->failed) {
		return NULL;
	}
	work_add(reply->work, size);
	reply->start = shiny_reserve(reply->conn, size);
	if (!reply->start) {
		reply->failed = true;
		return NULL;
	}
	reply->at = reply->start;
	reply->end = reply->start + size;
	return reply->at;
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

void reply_bulk(struct reply *reply, const char *data, size_t len)
{
	char *p = reply_room(reply, REPLY_FIXED_MAX + len);

	if (p) {
		p = bytes_copy(put_head(p, '$', len), data, len);
		reply_end(reply, put_crlf(p));
	}
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
