/* SPDX-License-Identifier: MIT */
/*
 * Replies as the protocol writes them, into the connection's own output.
 */
#include "shiny-resp-inline.h"

#include <stdarg.h>
#include <stdio.h>

static size_t unflushed(const struct shiny_resp_reply *reply)
{
	return (size_t)(reply->at - reply->start);
}

void shiny_resp_flush(struct shiny_resp_reply *reply)
{
	reply->flushed += unflushed(reply);
	if (reply->at > reply->start && reply->conn) {
		shiny_produce(reply->conn, unflushed(reply));
	}
	reply->start = reply->at = reply->end = NULL;
}

char *shiny_resp_reserve(struct shiny_resp_reply *reply, size_t len)
{
	if (!reply->conn || reply->failed) {
		return NULL;
	}
	reply->start = shiny_reserve(reply->conn, len);
	if (!reply->start) {
		reply->failed = true;
		return NULL;
	}
	reply->at = reply->start;
	reply->end = reply->start + len;
	return reply->at;
}

/* Not inline: who has hooks is to pay for a jump and no more. */
static __attribute__((noinline)) char *flush_and_reserve(struct shiny_resp_reply *reply, size_t len)
{
	shiny_resp_flush(reply);
	return shiny_resp_reserve(reply, len > SHINY_RESP_RESERVE ? len : SHINY_RESP_RESERVE);
}

char *shiny_resp_grow(struct shiny_resp_reply *reply, size_t len)
{
	return reply->hooks ? reply->hooks->grow(reply, len) : flush_and_reserve(reply, len);
}

static void head(struct shiny_resp_reply *reply, char type, uint64_t value)
{
	char *p = shiny_resp_room(reply, SHINY_RESP_FIXED_MAX);

	if (p) {
		shiny_resp_end(reply, shiny_resp_put_head(p, type, value));
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
		shiny_resp_end(reply, shiny_resp_put_crlf(p + len));
	}
}

void shiny_resp_integer(struct shiny_resp_reply *reply, int64_t value)
{
	char *p = shiny_resp_room(reply, SHINY_RESP_FIXED_MAX);

	if (p) {
		*p++ = ':';
		shiny_resp_end(reply, shiny_resp_put_crlf(p + shiny_resp_format_integer(p, value)));
	}
}

void shiny_resp_bulk(struct shiny_resp_reply *reply, const char *data, size_t len)
{
	char *p = shiny_resp_room(reply, SHINY_RESP_FIXED_MAX + len);

	if (p) {
		shiny_resp_end(reply, shiny_resp_put_bulk(p, data, len));
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
		p = shiny_resp_put_head(p, '=', kind_len + len);
		memcpy(p, kind, kind_len);
		memcpy(p + kind_len, data, len);
		shiny_resp_end(reply, shiny_resp_put_crlf(p + kind_len + len));
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

void shiny_resp_push(struct shiny_resp_reply *reply, size_t count)
{
	head(reply, reply->resp3 ? '>' : '*', count);
}

void shiny_resp_boolean(struct shiny_resp_reply *reply, bool value)
{
	if (reply->resp3) {
		shiny_resp_raw(reply, value ? "#t\r\n" : "#f\r\n", 4);
	} else {
		shiny_resp_integer(reply, value);
	}
}

void shiny_resp_double(struct shiny_resp_reply *reply, double value)
{
	char text[SHINY_RESP_DOUBLE_MAX];
	size_t len = shiny_resp_format_double(text, value);
	char *p;

	if (!reply->resp3) {
		shiny_resp_bulk(reply, text, len);
		return;
	}
	p = shiny_resp_room(reply, len + 3);
	if (p) {
		*p++ = ',';
		memcpy(p, text, len);
		shiny_resp_end(reply, shiny_resp_put_crlf(p + len));
	}
}

void shiny_resp_error(struct shiny_resp_reply *reply, const char *format, ...)
{
	char text[SHINY_RESP_ERROR_TEXT_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len <
	    0) { /* a wide character that the locale does not have, or more than INT_MAX bytes */
		len = snprintf(text, sizeof(text), "ERR");
	} else if (len >= (int)sizeof(text)) {
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
		shiny_resp_end(reply, shiny_resp_put_crlf(p + len));
	}
	reply->errors++;
	if (reply->hooks) {
		reply->hooks->error(reply, text);
	}
}
