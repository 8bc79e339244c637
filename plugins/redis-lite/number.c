/* SPDX-License-Identifier: MIT */
/*
 * Numbers as the protocol writes them.
 *
 * One value has one spelling, so that a number which was read and written again is the same bytes.
 */
#include "number.h"

#include <string.h>

bool number_parse(const char *text, size_t len, int64_t *ret_value)
{
	bool negative = len > 0 && text[0] == '-';
	uint64_t limit = (uint64_t)INT64_MAX + negative;
	uint64_t value = 0;

	if (len == 0 || len > NUMBER_MAX) {
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

size_t number_format_unsigned(char *buf, uint64_t value)
{
	char digits[NUMBER_MAX];
	char *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);

	size_t len = (size_t)(digits + sizeof(digits) - p);
	memcpy(buf, p, len);
	return len;
}

size_t number_format(char *buf, int64_t value)
{
	if (value >= 0) {
		return number_format_unsigned(buf, (uint64_t)value);
	}
	buf[0] = '-';
	return 1 + number_format_unsigned(buf + 1, 0 - (uint64_t)value);
}
