/* SPDX-License-Identifier: MIT */
/*
 * For a build without liblzf: a dump with a compressed string is refused, and the message says why.
 */
#include "rdb/lzf.h"

#include <errno.h>

int rdb_lzf_unpack(const char *data, size_t len, char *to, size_t to_len)
{
	(void)data;
	(void)len;
	(void)to;
	(void)to_len;
	return -EOPNOTSUPP;
}
