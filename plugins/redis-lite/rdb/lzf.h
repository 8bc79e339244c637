/* SPDX-License-Identifier: MIT */
/*
 * Strings that a redis-server has compressed. Meson chooses lzf.c or lzf-none.c.
 */
#ifndef REDIS_LITE_RDB_LZF_H
#define REDIS_LITE_RDB_LZF_H

#include <stddef.h>

/*
 * rdb_lzf_unpack() - what LZF has made of @to_len bytes
 *
 * Returns 0; -EBADMSG if it did not; -EOPNOTSUPP in a build without liblzf.
 */
int rdb_lzf_unpack(const char *data, size_t len, char *to, size_t to_len);

#endif
