/* SPDX-License-Identifier: MIT */
/*
 * Addresses: "tcp://host:port" and "unix:///path" <-> sockaddr.
 *
 * Hosts are numeric, or "localhost"; there is no resolver. An IPv4 address mapped into IPv6 is
 * written as IPv4. Called by server.c, listener.c, conn.c, notice.c, proxy.c and networks.c.
 */
#ifndef SHINY_ADDRESS_H
#define SHINY_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

struct shiny_address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
	bool v6only;   /* tcp6:// */
	bool every_ip; /* tcp://:port: stands for all of IPv4 where there is no IPv6 */
};

/* Returns 0 or -EPROTONOSUPPORT, -EINVAL, -EADDRNOTAVAIL, -ENAMETOOLONG, as shiny_bind() documents.
 */
int shiny_address_parse(const char *text, struct shiny_address *ret_address);

/* The address at the other end of that socket. Returns 0 or -errno. */
int shiny_address_of_peer(int fd, struct shiny_address *ret_address);

/* Returns 0, -ENOSPC, or -EAFNOSUPPORT for a family that is not above. */
int shiny_address_format(const struct shiny_address *address, char *buf, size_t size);

/* Whether both are the same place, as shiny_address_same() says. */
bool shiny_address_equal(const struct shiny_address *a, const struct shiny_address *b);

/* Whether listening on one prevents listening on the other, as shiny_address_conflicts() says. */
bool shiny_address_conflict(const struct shiny_address *a, const struct shiny_address *b);

/* The path, if it is the address of a unix socket that has a file; otherwise NULL. */
const char *shiny_address_path(const struct shiny_address *address);

#endif
