/* SPDX-License-Identifier: MIT */
/*
 * memcpy() and memcmp() without the call, which costs more than the work, for what is as short as
 * most keys and values.
 *
 * From 8 to 16 bytes are two words of 8 that may overlap; likewise those from 4 to 7.
 */
#ifndef REDIS_LITE_UTIL_BYTES_H
#define REDIS_LITE_UTIL_BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* bytes_copy() - what is copied must not overlap; returns the end of the copy */
static inline char *bytes_copy(char *to, const char *from, size_t len)
{
	if (len > 16) {
		memcpy(to, from, len);
	} else if (len >= 8) {
		memcpy(to, from, 8);
		memcpy(to + len - 8, from + len - 8, 8);
	} else if (len >= 4) {
		memcpy(to, from, 4);
		memcpy(to + len - 4, from + len - 4, 4);
	} else if (len > 0) {
		to[0] = from[0];
		to[len / 2] = from[len / 2];
		to[len - 1] = from[len - 1];
	}
	return to + len;
}

static inline bool bytes_are_two_words(size_t len)
{
	return len >= 8 && len <= 16;
}

static inline bool bytes_equal_two_words(const char *a, const char *b, size_t len)
{
	uint64_t a_head, a_tail, b_head, b_tail;

	memcpy(&a_head, a, 8);
	memcpy(&b_head, b, 8);
	memcpy(&a_tail, a + len - 8, 8);
	memcpy(&b_tail, b + len - 8, 8);
	return ((a_head ^ b_head) | (a_tail ^ b_tail)) == 0;
}

static inline bool bytes_equal(const char *a, const char *b, size_t len)
{
	return bytes_are_two_words(len) ? bytes_equal_two_words(a, b, len) : memcmp(a, b, len) == 0;
}

#endif
