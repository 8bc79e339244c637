/* SPDX-License-Identifier: MIT */
/*
 * Numbers as text that Redis reads and prints in ways of its own: sizes with units, and
 * floating-point numbers.
 */
#ifndef REDIS_LITE_UTIL_NUMBER_H
#define REDIS_LITE_UTIL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * number_parse_size() - bytes, with one of Redis's units: 100mb, 1G, 64k (of 1000), 64kb (of 1024)
 *
 * As Redis reads them: without a digit it is 0, and more than 64 bits are UINT64_MAX. Where a unit
 * takes it beyond them, Redis goes on with what is left of the bits; that is refused here.
 */
bool number_parse_size(const char *text, uint64_t *ret_bytes);

/* Room for any long double as number_format_float() writes it: all digits of the largest. */
#define NUMBER_FLOAT_MAX (5 * 1024)

/* number_parse_float() - a floating-point number in any spelling of strtold() but NaN's */
bool number_parse_float(const char *text, size_t len, long double *ret_value);

/* number_format_float() - with up to 17 digits after the point, and without an exponent */
size_t number_format_float(char *buf, long double value);

#endif
