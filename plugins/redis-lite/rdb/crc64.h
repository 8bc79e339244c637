/* SPDX-License-Identifier: MIT */
/*
 * The checksum at the end of a dump, eight bytes at a time. The table is part of the sum's own
 * struct and lives no longer than a load.
 */
#ifndef REDIS_LITE_RDB_CRC64_H
#define REDIS_LITE_RDB_CRC64_H

#include <stddef.h>
#include <stdint.h>

/* The sum of 8 bytes at a time, by the place that each has among them. */
struct crc64 {
	uint64_t table[8][256];
};

void crc64_init(struct crc64 *crc);

/* crc64_add() - the sum of some bytes, of which @sum is that of all before; it begins as 0 */
uint64_t crc64_add(const struct crc64 *crc, uint64_t sum, const void *data, size_t len);

#endif
