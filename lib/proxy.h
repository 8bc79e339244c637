/* SPDX-License-Identifier: MIT */
/*
 * The PROXY protocol, versions 1 and 2: the address of the peer behind a proxy.
 *
 * A trusted proxy sends a header before everything else (haproxy's doc/proxy-protocol.txt). Called
 * by input.c.
 */
#ifndef SHINY_PROXY_H
#define SHINY_PROXY_H

#include "address.h"

#include <sys/types.h>

/*
 * Returns the length of the header, and the peer in *ret_address, whose len is 0 if it is the
 * connection's own address; 0 if more bytes are needed, *ret_want in total; -EPROTO if it is no
 * such header.
 */
ssize_t shiny_proxy_parse(const char *data, size_t len, struct shiny_address *ret_address,
			  size_t *ret_want);

#endif
