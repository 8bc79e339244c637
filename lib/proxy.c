/* SPDX-License-Identifier: MIT */
/*
 * The PROXY protocol's headers, parsed from bytes that any peer may have sent.
 */
#include "proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define V1_PREFIX   "PROXY "
#define V1_MAX	    107 /* with its CRLF */
#define V2_SIGN	    "\r\n\r\n\0\r\nQUIT\n"
#define V2_SIGN_LEN 12
#define V2_HEAD	    16

enum v2_command {
	V2_LOCAL = 0x20,
	V2_PROXY = 0x21,
};

enum v2_family {
	V2_TCP4 = 0x11,
	V2_TCP6 = 0x21,
};

static bool parse_v1_port(const char *text, in_port_t *ret_port)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	*ret_port = htons((uint16_t)port);
	return *text >= '0' && *text <= '9' && !*end && port <= 65535;
}

/* @line is what stands between "PROXY " and CRLF. */
static int parse_v1_line(const char *line, struct shiny_address *address)
{
	char kind[8], source[48], target[48], source_port[8], target_port[8];
	char more;

	if (strncmp(line, "UNKNOWN", 7) == 0) {
		return 0;
	}
	if (sscanf(line, "%7s %47s %47s %7s %7s%c", kind, source, target, source_port, target_port,
		   &more) != 5) {
		return -EPROTO;
	}
	if (strcmp(kind, "TCP4") == 0) {
		address->in.sin_family = AF_INET;
		address->len = sizeof(address->in);
		return inet_pton(AF_INET, source, &address->in.sin_addr) == 1 &&
				       parse_v1_port(source_port, &address->in.sin_port)
			       ? 0
			       : -EPROTO;
	}
	if (strcmp(kind, "TCP6") == 0) {
		address->in6.sin6_family = AF_INET6;
		address->len = sizeof(address->in6);
		return inet_pton(AF_INET6, source, &address->in6.sin6_addr) == 1 &&
				       parse_v1_port(source_port, &address->in6.sin6_port)
			       ? 0
			       : -EPROTO;
	}
	return -EPROTO;
}

static ssize_t parse_v1(const char *data, size_t len, struct shiny_address *address,
			size_t *ret_want)
{
	const size_t prefix = strlen(V1_PREFIX);
	char line[V1_MAX + 1];
	size_t seen = len < V1_MAX ? len : V1_MAX;
	const char *end = memchr(data, '\n', seen);

	if (!end) {
		*ret_want = len + 1;
		return len < V1_MAX ? 0 : -EPROTO;
	}
	size_t length = (size_t)(end - data) + 1;
	if (length < prefix + 2 || end[-1] != '\r') {
		return -EPROTO;
	}
	memcpy(line, data + prefix, length - prefix - 2);
	line[length - prefix - 2] = '\0';
	int error = parse_v1_line(line, address);
	return error < 0 ? error : (ssize_t)length;
}

static int parse_v2_addresses(const uint8_t *head, const uint8_t *addresses, size_t len,
			      struct shiny_address *address)
{
	if (head[12] == V2_LOCAL) {
		return 0;
	}
	if (head[12] != V2_PROXY) {
		return -EPROTO;
	}
	if (head[13] == V2_TCP4 && len >= 12) {
		address->in.sin_family = AF_INET;
		memcpy(&address->in.sin_addr, addresses, 4);
		memcpy(&address->in.sin_port, addresses + 8, 2);
		address->len = sizeof(address->in);
	} else if (head[13] == V2_TCP6 && len >= 36) {
		address->in6.sin6_family = AF_INET6;
		memcpy(&address->in6.sin6_addr, addresses, 16);
		memcpy(&address->in6.sin6_port, addresses + 32, 2);
		address->len = sizeof(address->in6);
	}
	return 0; /* other families: by the protocol, the connection's own address counts */
}

static ssize_t parse_v2(const char *data, size_t len, struct shiny_address *address,
			size_t *ret_want)
{
	const uint8_t *head = (const uint8_t *)data;

	if (len < V2_HEAD) {
		*ret_want = V2_HEAD;
		return 0;
	}
	size_t rest = (size_t)head[14] << 8 | head[15];
	if (len < V2_HEAD + rest) {
		*ret_want = V2_HEAD + rest;
		return 0;
	}
	int error = parse_v2_addresses(head, head + V2_HEAD, rest, address);
	return error < 0 ? error : (ssize_t)(V2_HEAD + rest);
}

static bool starts_with(const char *data, size_t len, const char *with, size_t with_len)
{
	return memcmp(data, with, len < with_len ? len : with_len) == 0;
}

ssize_t shiny_proxy_parse(const char *data, size_t len, struct shiny_address *ret_address,
			  size_t *ret_want)
{
	struct shiny_address address = { .len = 0 };
	ssize_t length = -EPROTO;

	if (starts_with(data, len, V1_PREFIX, strlen(V1_PREFIX))) {
		length = parse_v1(data, len, &address, ret_want);
	} else if (starts_with(data, len, V2_SIGN, V2_SIGN_LEN)) {
		length = parse_v2(data, len, &address, ret_want);
	}
	if (length > 0) {
		*ret_address = address;
	}
	return length;
}
