/* SPDX-License-Identifier: MIT */
/*
 * The checksum of an RDB file: CRC-64 by the polynomial of D. T. Jones, which is not that of xz.
 */
#include "rdb/crc64.h"

#include <endian.h>
#include <string.h>

/* The bits in reverse order. */
#define POLYNOMIAL 0x95ac9329ac4bc9b5

void crc64_init(struct crc64 *crc)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		uint64_t sum = byte;

		for (unsigned bit = 0; bit < 8; bit++) {
			sum = sum & 1 ? sum >> 1 ^ POLYNOMIAL : sum >> 1;
		}
		crc->table[0][byte] = sum;
	}
	for (unsigned place = 1; place < 8; place++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			uint64_t sum = crc->table[place - 1][byte];

			crc->table[place][byte] = sum >> 8 ^ crc->table[0][sum & 0xff];
		}
	}
}

uint64_t crc64_add(const struct crc64 *crc, uint64_t sum, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (; len >= 8; p += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, p, 8);
		word = le64toh(word) ^ sum;
		sum = 0;
		for (unsigned place = 0; place < 8; place++) {
			sum ^= crc->table[7 - place][word >> 8 * place & 0xff];
		}
	}
	for (; len > 0; p++, len--) {
		sum = sum >> 8 ^ crc->table[0][(sum ^ *p) & 0xff];
	}
	return sum;
}
