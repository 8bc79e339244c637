/* SPDX-License-Identifier: MIT */
/*
 * Numbers with units or with a point. Whole ones are read and written by libshiny-resp.
 */
#include "util/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Redis takes no more for a number of bytes. */
#define NUMBER_DIGITS_MAX 127

/* As strtoull() in Redis: no digits are 0, and more than fit are the most there is. */
static uint64_t parse_digits(const char *text, size_t digits)
{
	uint64_t value = 0;

	for (size_t i = 0; i < digits; i++) {
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (unsigned char)text[i] - '0', &value)) {
			return UINT64_MAX;
		}
	}
	return value;
}

bool number_parse_size(const char *text, uint64_t *ret_bytes)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} units[] = {
		{ "", 1 },	  { "b", 1 },	     { "k", 1000 },	  { "kb", 1 << 10 },
		{ "m", 1000000 }, { "mb", 1 << 20 }, { "g", 1000000000 }, { "gb", 1 << 30 },
	};
	size_t digits = strspn(text, "0123456789");
	uint64_t bytes;

	if (digits > NUMBER_DIGITS_MAX) {
		return false;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcasecmp(text + digits, units[i].name) == 0 &&
		    !__builtin_mul_overflow(parse_digits(text, digits), units[i].bytes, &bytes)) {
			*ret_bytes = bytes;
			return true;
		}
	}
	return false;
}

bool number_parse_float(const char *text, size_t len, long double *ret_value)
{
	char copy[NUMBER_FLOAT_MAX], *end;
	long double value;

	if (len == 0 || len >= sizeof(copy) || isspace((unsigned char)text[0])) {
		return false;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	errno = 0;
	value = strtold(copy, &end);
	if (end != copy + len || isnan(value) ||
	    (errno == ERANGE && (isinf(value) || fpclassify(value) == FP_ZERO))) {
		return false;
	}
	*ret_value = value;
	return true;
}

size_t number_format_float(char *buf, long double value)
{
	size_t len = (size_t)snprintf(buf, NUMBER_FLOAT_MAX, "%.17Lf", value);

	while (buf[len - 1] == '0') {
		len--;
	}
	if (buf[len - 1] == '.') {
		len--;
	}
	if (len == 2 && memcmp(buf, "-0", 2) == 0) {
		buf[0] = '0';
		len = 1;
	}
	return len;
}
