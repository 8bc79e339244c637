/* SPDX-License-Identifier: MIT */
/*
 * The PROXY protocol, versions 1 and 2: who the peer behind a proxy is.
 *
 * As in haproxy's doc/proxy-protocol.txt: a header that stands before all else that a trusted proxy sends.
 */
#ifndef SHINY_PROXY_H
#define SHINY_PROXY_H

#include "address.h"

#include <sys/types.h>

/*
 * Returns the length of the header, and in *ret_address the peer, of len 0 if that is the connection's own; 0 if
 * more bytes are needed, *ret_want in all; -EPROTO if it is no such header.
 */
ssize_t shiny_proxy_parse(const char *data, size_t len, struct shiny_address *ret_address,
			  size_t *ret_want);

#endif
