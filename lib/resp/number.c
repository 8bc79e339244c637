/* SPDX-License-Identifier: MIT */
/*
 * Numbers as the protocol writes them.
 *
 * One value has one spelling, so that a number which was read and written again is the same bytes.
 */
#include "shiny-resp.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool shiny_resp_parse_integer(const char *text, size_t len, int64_t *ret_value)
{
	bool negative = len > 0 && text[0] == '-';
	uint64_t limit = (uint64_t)INT64_MAX + negative;
	uint64_t value = 0;

	if (len == 0 || len > SHINY_RESP_INTEGER_MAX) {
		return false;
	}
	if (len == 1 && text[0] == '0') {
		*ret_value = 0;
		return true;
	}

	size_t i = negative;
	if (i == len || text[i] == '0') {
		return false;
	}
	for (; i < len; i++) {
		unsigned digit = (unsigned char)text[i] - '0';

		if (digit > 9 || value > (limit - digit) / 10) {
			return false;
		}
		value = value * 10 + digit;
	}
	*ret_value = negative ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

size_t shiny_resp_format_unsigned(char *buf, uint64_t value)
{
	char digits[SHINY_RESP_INTEGER_MAX];
	char *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);

	size_t len = (size_t)(digits + sizeof(digits) - p);
	memcpy(buf, p, len);
	return len;
}

size_t shiny_resp_format_integer(char *buf, int64_t value)
{
	if (value >= 0) {
		return shiny_resp_format_unsigned(buf, (uint64_t)value);
	}
	buf[0] = '-';
	return 1 + shiny_resp_format_unsigned(buf + 1, 0 - (uint64_t)value);
}

/* Takes what stands for the point in the user's language for one. */
static size_t write_point(char *buf, size_t len)
{
	size_t end = 0;

	for (size_t i = 0; i < len; i++) {
		if (strchr("+-0123456789e", buf[i])) {
			buf[end++] = buf[i];
		} else if (end == 0 || buf[end - 1] != '.') {
			buf[end++] = '.';
		}
	}
	return end;
}

size_t shiny_resp_format_double(char *buf, double value)
{
	int len = 0;

	if (!isfinite(value)) {
		return (size_t)snprintf(buf, SHINY_RESP_DOUBLE_MAX, "%s",
					isnan(value) ? "nan"
					: value < 0  ? "-inf"
						     : "inf");
	}
	/* Nothing that needs fewer than 15 digits gets more by them, but what is below DBL_MIN. */
	for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		len = snprintf(buf, SHINY_RESP_DOUBLE_MAX, "%.*g", digits, value);
		if (strtod(buf, NULL) == value) {
			break;
		}
	}
	return write_point(buf, (size_t)len);
}
