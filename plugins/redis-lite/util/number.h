/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_NUMBER_H
#define REDIS_LITE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any 64-bit number as text; it is not terminated. */
#define SHINY_RESP_INTEGER_MAX 20

/*
 * shiny_resp_parse_integer() - a signed 64-bit number in the one spelling that Redis takes
 *
 * No sign but '-', no leading zeros, no blanks, no "-0".
 */
bool shiny_resp_parse_integer(const char *text, size_t len, int64_t *ret_value);

/* shiny_resp_format_integer() - writes @value to @buf (of SHINY_RESP_INTEGER_MAX bytes); returns how many bytes that took */
size_t shiny_resp_format_integer(char *buf, int64_t value);
size_t shiny_resp_format_unsigned(char *buf, uint64_t value);

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
