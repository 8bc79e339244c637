/* SPDX-License-Identifier: MIT */
/*
 * The requests that nearly all are, parsed inline: arrays of bulk strings that are there as a whole and
 * written by the book. Whatever is cut short, large or wrong is for resp_parse() to look at.
 */
#ifndef REDIS_LITE_RESP_QUICK_H
#define REDIS_LITE_RESP_QUICK_H

#include "resp.h"

#include <string.h>

/* "$0\r\n\r\n" */
#define RESP_QUICK_MIN 6

/* A type byte, up to five digits, a line's end; returns what is behind, or NULL. */
static inline const char *resp_quick_line(const char *p, const char *end, char type,
					  size_t *ret_value)
{
	size_t value;
	unsigned digit;

	if (end - p < RESP_QUICK_MIN || *p != type || (value = (unsigned char)p[1] - '0') > 9) {
		return NULL;
	}
	for (p += 2; *p != '\r'; p++) {
		digit = (unsigned char)*p - '0';
		if (digit > 9 || value == 0 || value > 9999 || end - p < RESP_QUICK_MIN - 2) {
			return NULL;
		}
		value = value * 10 + digit;
	}
	*ret_value = value;
	return p[1] == '\n' ? p + 2 : NULL;
}

static inline const char *resp_quick_bulk(const char *p, const char *end, struct resp_arg *ret_arg)
{
	size_t len;

	p = resp_quick_line(p, end, '$', &len);
	if (!p || (size_t)(end - p) < len + 2 || memcmp(p + len, "\r\n", 2) != 0) {
		return NULL;
	}
	*ret_arg = (struct resp_arg){ p, len };
	return p + len + 2;
}

/* resp_parse_quick() - true: as resp_parse() if that returns RESP_COMPLETE; false: call that */
static inline bool resp_parse_quick(struct resp_parser *parser, const char *data, const char *end)
{
	struct resp_arg *args = parser->args;
	const char *p;
	size_t count;

	p = resp_quick_line(data, end, '*', &count);
	if (!p || count == 0 || count > parser->room || parser->small_only) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		p = resp_quick_bulk(p, end, &args[i]);
		if (!p) {
			return false;
		}
	}
	parser->argc = count;
	parser->exact = true;
	parser->used = (size_t)(p - data);
	parser->text_used = 0;
	return true;
}

#endif
