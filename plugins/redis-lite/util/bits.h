/* SPDX-License-Identifier: MIT */
/*
 * Counting bits. For BITCOUNT.
 */
#ifndef REDIS_LITE_UTIL_BITS_H
#define REDIS_LITE_UTIL_BITS_H

#include <stddef.h>
#include <stdint.h>

struct work;

/* bits_count() - how many bits are set; the time that it takes is counted in @work, which may be NULL */
int64_t bits_count(const char *bytes, size_t len, struct work *work);

#endif
