/* SPDX-License-Identifier: MIT */
/*
 * The PROXY protocol, versions 1 and 2: who the peer behind a proxy is.
 *
 * As in haproxy's doc/proxy-protocol.txt. The header stands before all else that a trusted proxy sends, so it is
 * taken off by a handler of its own; the program's accept runs when the peer is known.
 */
#ifndef SHINY_PROXY_H
#define SHINY_PROXY_H

#include "address.h"

#include <sys/types.h>

struct shiny_conn;

/*
 * Returns the length of the header, and in *ret_address the peer, of len 0 if that is the connection's own; 0 if
 * more bytes are needed, *ret_want in all; -EPROTO if it is no such header.
 */
ssize_t shiny_proxy_parse(const char *data, size_t len, struct shiny_address *ret_address,
			  size_t *ret_want);

/* Handles a connection's bytes until its header is complete. */
bool shiny_proxy_handle(struct shiny_conn *conn, const char *data, size_t len);

#endif
