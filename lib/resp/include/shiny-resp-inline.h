/* SPDX-License-Identifier: MIT */
/*
 * What is done for each request, inline: for programs with a loop of their own around the parser.
 *
 * The requests that nearly all are, are parsed here: arrays of bulk strings that are there as a whole
 * and written by the book. Whatever is cut short, large or wrong is for shiny_resp_parse() to look at.
 *
 * Names of commands are nearly always at most 16 letters, so that a name is two 64-bit words, and a
 * look-up a multiplication and a comparison.
 */
#ifndef SHINY_RESP_INLINE_H
#define SHINY_RESP_INLINE_H

#include "shiny-resp.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef SHINY_RESP_STATIC
#pragma GCC visibility push(hidden)
#else
#pragma GCC visibility push(default)
#endif

/*
 * Requests
 */

/* "$0\r\n\r\n" */
#define SHINY_RESP_QUICK_MIN 6

/* What has no more digits. */
#define SHINY_RESP_QUICK_BULK_MAX 99999

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
		if (value > SHINY_RESP_QUICK_BULK_MAX || p > last + 2) {
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
	ret_arg->data = p;
	ret_arg->len = len;
	return p + len + 2;
}

/* What can be checked here is; for the rest, and what an error says, there is shiny_resp_parse(). */
static inline bool shiny_resp_quick_allowed(const struct shiny_resp_limits *limits, size_t count)
{
	return (!limits->args || count <= limits->args) &&
	       (!limits->bulk || limits->bulk >= SHINY_RESP_QUICK_BULK_MAX);
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
	if (!p || count == 0 || count > parser->room ||
	    (parser->limits && !shiny_resp_quick_allowed(parser->limits, count))) {
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

/*
 * Replies
 *
 * These write to room that is there, and return the end of what they wrote.
 */

static inline char *shiny_resp_put_crlf(char *p)
{
	p[0] = '\r';
	p[1] = '\n';
	return p + 2;
}

/* A type byte, a number and a line's end: at most SHINY_RESP_FIXED_MAX bytes. */
static inline char *shiny_resp_put_head(char *p, char type, uint64_t value)
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
	return shiny_resp_put_crlf(p);
}

/* memcpy() without the call, which costs more than the work for what is as short as most values: 8 to
 * 16 bytes are two words of 8 that may overlap, likewise 4 to 7. */
static inline char *shiny_resp_put_bytes(char *p, const char *data, size_t len)
{
	if (len > 16) {
		memcpy(p, data, len);
	} else if (len >= 8) {
		memcpy(p, data, 8);
		memcpy(p + len - 8, data + len - 8, 8);
	} else if (len >= 4) {
		memcpy(p, data, 4);
		memcpy(p + len - 4, data + len - 4, 4);
	} else if (len > 0) {
		p[0] = data[0];
		p[len / 2] = data[len / 2];
		p[len - 1] = data[len - 1];
	}
	return p + len;
}

/* shiny_resp_put_bulk() - a bulk string: at most SHINY_RESP_FIXED_MAX and @len bytes */
static inline char *shiny_resp_put_bulk(char *p, const char *data, size_t len)
{
	p = shiny_resp_put_head(p, '$', len);
	return shiny_resp_put_crlf(shiny_resp_put_bytes(p, data, len));
}

/*
 * Commands
 */

#define SHINY_RESP_INDEX_BITS 9
#define SHINY_RESP_INDEX_SIZE (1 << SHINY_RESP_INDEX_BITS)

/* Longer names, and those with other bytes than letters, are found less quickly. */
#define SHINY_RESP_NAME_QUICK 16

/*
 * A name of up to 16 bytes as two words, lower-case: names of one length have the same words only
 * if they are the same, as far as they are letters.
 */
struct shiny_resp_name {
	uint64_t head, tail;
	size_t len; /* 0: not found quickly, and head is where the name is */
};

/* Names of commands, hashed. */
struct shiny_resp_index {
	struct {
		struct shiny_resp_name name;
		const void *row; /* NULL: none here, and none behind */
	} slot[SHINY_RESP_INDEX_SIZE];
	unsigned count;
	unsigned slow; /* of these are not found quickly */
};

static inline uint64_t shiny_resp_name_word(const char *p, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, p, len);
	return word;
}

/* @len is from 1 to 16. Setting bit 5 makes letters of letters only. */
static inline struct shiny_resp_name shiny_resp_name(const char *name, size_t len)
{
	const uint64_t lower = 0x2020202020202020;
	uint64_t head, tail = 0;

	if (len >= 8) {
		head = shiny_resp_name_word(name, 8);
		tail = shiny_resp_name_word(name + len - 8, 8);
	} else if (len >= 4) {
		head = shiny_resp_name_word(name, 4) | shiny_resp_name_word(name + len - 4, 4)
							       << 32;
	} else {
		head = shiny_resp_name_word(name, 1) |
		       shiny_resp_name_word(name + len / 2, 1) << 8 |
		       shiny_resp_name_word(name + len - 1, 1) << 16;
	}
	struct shiny_resp_name words = { head | lower, tail | lower, len };

	return words;
}

static inline unsigned shiny_resp_name_slot(const struct shiny_resp_name *name)
{
	return (unsigned)(((name->head ^ name->tail << 7) * 0x9e3779b97f4a7c15) >>
			  (64 - SHINY_RESP_INDEX_BITS));
}

/* shiny_resp_find_slowly() - the same for names that are not found quickly */
const void *shiny_resp_find_slowly(const struct shiny_resp_index *index, const char *name,
				   size_t len);

/* shiny_resp_find() - the row of a name, in any case; or NULL */
static inline const void *shiny_resp_find(const struct shiny_resp_index *index, const char *name,
					  size_t len)
{
	if (len - 1 < SHINY_RESP_NAME_QUICK) {
		struct shiny_resp_name key = shiny_resp_name(name, len);

		for (unsigned i = shiny_resp_name_slot(&key);;
		     i = (i + 1) % SHINY_RESP_INDEX_SIZE) {
			const struct shiny_resp_name *other = &index->slot[i].name;

			if (other->head == key.head && other->tail == key.tail &&
			    other->len == len) {
				return index->slot[i].row;
			}
			if (!index->slot[i].row) {
				break;
			}
		}
	}
	return __builtin_expect(index->slow, 0) ? shiny_resp_find_slowly(index, name, len) : NULL;
}

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
