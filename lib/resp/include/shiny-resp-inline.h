/* SPDX-License-Identifier: MIT */
/*
 * The requests that nearly all are, parsed inline: arrays of bulk strings that are there as a whole and
 * written by the book. Whatever is cut short, large or wrong is for shiny_resp_parse() to look at.
 */
#ifndef SHINY_RESP_INLINE_H
#define SHINY_RESP_INLINE_H

#include "shiny-resp.h"

#include <string.h>

/* "$0\r\n\r\n" */
#define SHINY_RESP_QUICK_MIN 6

/* Where a line's second byte is in a word of its first four. */
#define SHINY_RESP_QUICK_DIGIT (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 8 : 16)

/* The digit of a line that has only one, as nearly all have; more than 9 for any other line. */
static inline uint32_t shiny_resp_quick_digit(const char *p, char type)
{
	const char zero[] = { type, '0', '\r', '\n' };
	uint32_t line, line_of_zero;

	memcpy(&line, p, sizeof(line));
	memcpy(&line_of_zero, zero, sizeof(zero));
	line ^= line_of_zero; /* leaves the digit's value, and 0 in the other bytes */
	return line >> SHINY_RESP_QUICK_DIGIT | line << (32 - SHINY_RESP_QUICK_DIGIT);
}

/* A type byte, up to five digits, a line's end; returns what is behind, or NULL. */
static inline const char *shiny_resp_quick_digits(const char *p, const char *last, char type,
						  size_t *ret_value)
{
	unsigned digit, value = (unsigned char)p[1] - '0';

	if (*p != type || value - 1 > 8) {
		return NULL;
	}
	for (p += 2; (digit = (unsigned char)*p - '0') <= 9; p++) {
		value = value * 10 + digit;
		if (value > 99999 || p > last + 2) {
			return NULL;
		}
	}
	*ret_value = value;
	return memcmp(p, "\r\n", 2) == 0 ? p + 2 : NULL;
}

/* The same; @p is at most @last, behind which there is room for the shortest bulk string. */
static inline const char *shiny_resp_quick_line(const char *p, const char *last, char type,
						size_t *ret_value)
{
	*ret_value = shiny_resp_quick_digit(p, type);
	return *ret_value <= 9 ? p + 4 : shiny_resp_quick_digits(p, last, type, ret_value);
}

static inline const char *shiny_resp_quick_bulk(const char *p, const char *last,
						struct shiny_resp_arg *ret_arg)
{
	const char *end = last + SHINY_RESP_QUICK_MIN;
	size_t len;

	if (p > last || !(p = shiny_resp_quick_line(p, last, '$', &len))) {
		return NULL;
	}
	if ((size_t)(end - p) < len + 2 || memcmp(p + len, "\r\n", 2) != 0) {
		return NULL;
	}
	*ret_arg = (struct shiny_resp_arg){ p, len };
	return p + len + 2;
}

/* shiny_resp_parse_quick() - true: as shiny_resp_parse() if that returns SHINY_RESP_COMPLETE; false: call that */
static inline bool shiny_resp_parse_quick(struct shiny_resp_parser *parser, const char *data,
					  const char *end)
{
	struct shiny_resp_arg *args = parser->args;
	const char *p, *last;
	size_t count;

	if (end - data < SHINY_RESP_QUICK_MIN) {
		return false;
	}
	last = end - SHINY_RESP_QUICK_MIN;
	p = shiny_resp_quick_line(data, last, '*', &count);
	if (!p || count == 0 || count > parser->room || parser->small_only) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		p = shiny_resp_quick_bulk(p, last, &args[i]);
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
