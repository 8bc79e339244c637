/* SPDX-License-Identifier: MIT */
/*
 * Addresses: text parsed into a sockaddr and written back, and two addresses compared.
 */
#include "address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <shiny.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)

enum ip_versions {
	IP_V4 = 1 << 0,
	IP_V6 = 1 << 1,
};

/* Decimal digits only; strtoul() would take signs, blanks and an empty string. */
static int parse_port(const char *text, uint16_t *ret_port)
{
	unsigned port = 0;

	if (!*text) {
		return -EINVAL;
	}
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || (port = port * 10 + (unsigned)(*p - '0')) > 65535) {
			return -EINVAL;
		}
	}
	*ret_port = htons((uint16_t)port);
	return 0;
}

static int parse_v4(const char *host, uint16_t port, struct shiny_address *address)
{
	if (strcmp(host, "localhost") == 0) {
		host = "127.0.0.1";
	}
	if (*host && inet_pton(AF_INET, host, &address->in.sin_addr) != 1) {
		return -EADDRNOTAVAIL;
	}
	address->in.sin_family = AF_INET;
	address->in.sin_port = port;
	address->len = sizeof(address->in);
	return 0;
}

static int parse_v6(const char *host, uint16_t port, struct shiny_address *address)
{
	if (strcmp(host, "localhost") == 0) {
		host = "::1";
	}
	if (*host && inet_pton(AF_INET6, host, &address->in6.sin6_addr) != 1) {
		return -EADDRNOTAVAIL;
	}
	address->in6.sin6_family = AF_INET6;
	address->in6.sin6_port = port;
	address->len = sizeof(address->in6);
	return 0;
}

/* "HOST:PORT", "[HOST]:PORT" or ":PORT"; copies the host out of its brackets. */
static int split(const char *text, char *host, size_t host_size, bool *ret_bracketed,
		 uint16_t *ret_port)
{
	const char *colon = strrchr(text, ':');
	size_t len;

	if (!colon) {
		return -EINVAL;
	}
	len = (size_t)(colon - text);
	*ret_bracketed = *text == '[';
	if (*ret_bracketed) {
		if (len < 2 || text[len - 1] != ']') {
			return -EINVAL;
		}
		text++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return -EINVAL; /* IPv6 without brackets: where does the port begin? */
	}
	if (len >= host_size) {
		return -EADDRNOTAVAIL;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	return parse_port(colon + 1, ret_port);
}

static int parse_tcp(const char *text, unsigned versions, struct shiny_address *address)
{
	char host[INET6_ADDRSTRLEN];
	bool bracketed;
	uint16_t port;
	int error = split(text, host, sizeof(host), &bracketed, &port);

	if (error < 0) {
		return error;
	}
	if (bracketed && !(versions & IP_V6)) {
		return -EADDRNOTAVAIL;
	}
	address->v6only = versions == IP_V6;
	address->every_ip = versions == (IP_V4 | IP_V6) && !*host;
	if (versions == IP_V6 || bracketed || address->every_ip) {
		return parse_v6(host, port, address);
	}
	return parse_v4(host, port, address);
}

/* "/path" or "@abstract" */
static int parse_unix(const char *text, struct shiny_address *address)
{
	size_t len = strlen(text);
	bool abstract = *text == '@';

	if ((*text != '/' && !abstract) || len < 2) {
		return -EINVAL;
	}
	if (len >= sizeof(address->un.sun_path)) {
		return -ENAMETOOLONG;
	}
	address->un.sun_family = AF_UNIX;
	memcpy(address->un.sun_path, text, len);
	if (abstract) {
		address->un.sun_path[0] = '\0';
	}
	/* The length of an abstract name has no NUL in it (unix(7)); that of a path has. */
	address->len = (socklen_t)(PATH_OFFSET + len + !abstract);
	return 0;
}

int shiny_address_parse(const char *text, struct shiny_address *ret_address)
{
	static const struct {
		const char *prefix;
		unsigned versions; /* 0: unix */
	} schemes[] = {
		{ "tcp://", IP_V4 | IP_V6 },
		{ "tcp4://", IP_V4 },
		{ "tcp6://", IP_V6 },
		{ "unix://", 0 },
	};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t len = strlen(schemes[i].prefix);
		if (strncmp(text, schemes[i].prefix, len) == 0) {
			struct shiny_address address = { .len = 0 };
			int error = schemes[i].versions
					    ? parse_tcp(text + len, schemes[i].versions, &address)
					    : parse_unix(text + len, &address);
			if (error == 0) {
				*ret_address = address;
			}
			return error;
		}
	}
	return -EPROTONOSUPPORT;
}

static int format_ip(int family, const void *host, uint16_t port, char *buf, size_t size)
{
	char text[INET6_ADDRSTRLEN];
	const char *form = family == AF_INET6 ? "tcp://[%s]:%u" : "tcp://%s:%u";

	inet_ntop(family, host, text, sizeof(text));
	return snprintf(buf, size, form, text, (unsigned)ntohs(port));
}

static int format_unix(const struct shiny_address *address, char *buf, size_t size)
{
	const char *name = address->un.sun_path;
	int len = (int)(address->len > PATH_OFFSET ? address->len - PATH_OFFSET : 0);

	if (len > 0 && !*name) {
		return snprintf(buf, size, "unix://@%.*s", len - 1, name + 1);
	}
	return snprintf(buf, size, "unix://%.*s", len, name);
}

int shiny_address_of_peer(int fd, struct shiny_address *ret_address)
{
	ret_address->len = sizeof(ret_address->un);
	return getpeername(fd, &ret_address->any, &ret_address->len) < 0 ? -errno : 0;
}

int shiny_address_format(const struct shiny_address *address, char *buf, size_t size)
{
	const struct sockaddr_in *in = &address->in;
	const struct sockaddr_in6 *in6 = &address->in6;
	int len;

	if (address->any.sa_family == AF_INET) {
		len = format_ip(AF_INET, &in->sin_addr, in->sin_port, buf, size);
	} else if (address->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		len = format_ip(AF_INET, &in6->sin6_addr.s6_addr[12], in6->sin6_port, buf, size);
	} else if (address->any.sa_family == AF_INET6) {
		len = format_ip(AF_INET6, &in6->sin6_addr, in6->sin6_port, buf, size);
	} else if (address->any.sa_family == AF_UNIX) {
		len = format_unix(address, buf, size);
	} else {
		return -EAFNOSUPPORT;
	}
	return (size_t)len < size ? 0 : -ENOSPC;
}

/* The version of IP tells two addresses apart only where they cover every host. */
static bool is_v6_only(const struct shiny_address *address)
{
	return address->v6only && IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr);
}

bool shiny_address_equal(const struct shiny_address *a, const struct shiny_address *b)
{
	char left[SHINY_ADDRESS_MAX], right[SHINY_ADDRESS_MAX];

	return is_v6_only(a) == is_v6_only(b) && shiny_address_format(a, left, sizeof(left)) == 0 &&
	       shiny_address_format(b, right, sizeof(right)) == 0 && strcmp(left, right) == 0;
}

/*
 * The versions of IP whose connections a socket with that address accepts; 0: it is a unix socket.
 */
static unsigned versions_of(const struct shiny_address *address)
{
	const struct in6_addr *host = &address->in6.sin6_addr;

	if (address->any.sa_family != AF_INET6) {
		return address->any.sa_family == AF_INET ? IP_V4 : 0;
	}
	if (IN6_IS_ADDR_V4MAPPED(host)) {
		return IP_V4;
	}
	return IN6_IS_ADDR_UNSPECIFIED(host) && !address->v6only ? IP_V4 | IP_V6 : IP_V6;
}

static bool is_every_host(const struct shiny_address *address)
{
	const struct in6_addr *host = &address->in6.sin6_addr;

	if (address->any.sa_family == AF_INET) {
		return address->in.sin_addr.s_addr == INADDR_ANY;
	}
	return IN6_IS_ADDR_UNSPECIFIED(host) ||
	       (IN6_IS_ADDR_V4MAPPED(host) && memcmp(&host->s6_addr[12], "\0\0\0", 4) == 0);
}

bool shiny_address_conflict(const struct shiny_address *a, const struct shiny_address *b)
{
	if (!versions_of(a) || !versions_of(b)) {
		return shiny_address_equal(a, b);
	}
	/* The port is at the same place in both families. */
	if (a->in.sin_port != b->in.sin_port || !a->in.sin_port ||
	    !(versions_of(a) & versions_of(b))) {
		return false;
	}
	return is_every_host(a) || is_every_host(b) || shiny_address_equal(a, b);
}

const char *shiny_address_path(const struct shiny_address *address)
{
	bool is_file = address->any.sa_family == AF_UNIX && address->len > PATH_OFFSET &&
		       address->un.sun_path[0];

	return is_file ? address->un.sun_path : NULL;
}
