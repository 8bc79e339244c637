/* SPDX-License-Identifier: MIT */
#include "redis-lite/rdb-bytes.h"

#include "rdb/crc64.h"
#include "rdb/lzf.h"

#include <errno.h>
#include <string.h>

GString *rdb_begin(unsigned version)
{
	GString *rdb = g_string_new("");

	g_string_printf(rdb, "REDIS%04u", version);
	return rdb;
}

void rdb_put(GString *rdb, const void *data, size_t len)
{
	g_string_append_len(rdb, data, (gssize)len);
}

void rdb_put_byte(GString *rdb, unsigned byte)
{
	g_string_append_c(rdb, (char)byte);
}

void rdb_put_length(GString *rdb, guint64 length)
{
	guint32 narrow = GUINT32_TO_BE((guint32)length);
	guint64 wide = GUINT64_TO_BE(length);

	if (length < 64) {
		rdb_put_byte(rdb, (unsigned)length);
	} else if (length < 1 << 14) {
		rdb_put_byte(rdb, 0x40 | (unsigned)(length >> 8));
		rdb_put_byte(rdb, length & 0xff);
	} else if (length <= G_MAXUINT32) {
		rdb_put_byte(rdb, 0x80);
		rdb_put(rdb, &narrow, sizeof(narrow));
	} else {
		rdb_put_byte(rdb, 0x81);
		rdb_put(rdb, &wide, sizeof(wide));
	}
}

void rdb_put_text(GString *rdb, const char *text)
{
	rdb_put_length(rdb, strlen(text));
	g_string_append(rdb, text);
}

/* Literal runs of up to 32 bytes are LZF, if no short one. */
bool rdb_put_packed(GString *rdb, const char *text)
{
	GString *packed = g_string_new("");
	size_t len = strlen(text);
	char byte;

	for (size_t at = 0; at < len; at += 32) {
		size_t run = MIN(32, len - at);

		rdb_put_byte(packed, (unsigned)run - 1);
		rdb_put(packed, text + at, run);
	}
	rdb_put_byte(rdb, 0xc3);
	rdb_put_length(rdb, packed->len);
	rdb_put_length(rdb, len);
	rdb_put(rdb, packed->str, packed->len);
	g_string_free(packed, TRUE);
	return rdb_lzf_unpack("\0x", 2, &byte, 1) != -EOPNOTSUPP;
}

void rdb_put_pair(GString *rdb, const char *key, const char *value)
{
	rdb_put_byte(rdb, 0);
	rdb_put_text(rdb, key);
	rdb_put_text(rdb, value);
}

void rdb_put_expiry(GString *rdb, gint64 expiry_ms)
{
	gint64 bytes = GINT64_TO_LE(expiry_ms);

	rdb_put_byte(rdb, 252);
	rdb_put(rdb, &bytes, sizeof(bytes));
}

void rdb_end(GString *rdb)
{
	struct crc64 *crc = g_new(struct crc64, 1);
	guint64 sum;

	rdb_put_byte(rdb, 255);
	crc64_init(crc);
	sum = GUINT64_TO_LE(crc64_add(crc, 0, rdb->str, rdb->len));
	rdb_put(rdb, &sum, sizeof(sum));
	g_free(crc);
}
