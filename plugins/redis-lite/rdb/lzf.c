/* SPDX-License-Identifier: MIT */
/*
 * Strings that a redis-server has compressed, by liblzf.
 */
#include "rdb/lzf.h"

#include <errno.h>
#include <lzf.h>

int rdb_lzf_unpack(const char *data, size_t len, char *to, size_t to_len)
{
	unsigned n = lzf_decompress(data, (unsigned)len, to, (unsigned)to_len);

	return n > 0 && n == to_len ? 0 : -EBADMSG;
}
