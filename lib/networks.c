/* SPDX-License-Identifier: MIT */
/*
 * A list of networks: parsed from text, and searched for an address.
 */
#include "networks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATORS ", \t"

/* "/24" or "" for all of @most; false if it is neither. */
static bool parse_bits(const char *slash, unsigned most, unsigned *ret_bits)
{
	char *end;

	*ret_bits = most;
	if (!slash) {
		return true;
	}
	if (slash[1] < '0' || slash[1] > '9') {
		return false;
	}
	unsigned long bits = strtoul(slash + 1, &end, 10);
	*ret_bits = (unsigned)bits;
	return !*end && bits <= most;
}

static int parse_network(const char *word, size_t len, struct shiny_network *network)
{
	char text[INET6_ADDRSTRLEN + sizeof("/128")];
	char *slash;

	if (len >= sizeof(text)) {
		return -EINVAL;
	}
	memcpy(text, word, len);
	text[len] = '\0';
	if (strcmp(text, "unix") == 0) {
		network->family = AF_UNIX;
		return 0;
	}
	slash = strchr(text, '/');
	if (!parse_bits(slash, strchr(text, ':') ? 128 : 32, &network->bits)) {
		return -EINVAL;
	}
	if (slash) {
		*slash = '\0';
	}
	network->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(network->family, text, network->host) == 1 ? 0 : -EINVAL;
}

int shiny_networks_init(struct shiny_networks *networks, const char *text)
{
	*networks = (struct shiny_networks){ .count = 0 };
	if (!text) {
		return 0;
	}
	for (const char *word = text + strspn(text, SEPARATORS); *word;) {
		size_t len = strcspn(word, SEPARATORS);
		struct shiny_network network = { .bits = 0 };
		int error = parse_network(word, len, &network);
		struct shiny_network *list =
			realloc(networks->list, (networks->count + 1) * sizeof(network));
		if (list) {
			networks->list = list;
			list[networks->count++] = network;
		}
		if (error < 0 || !list) {
			shiny_networks_finish(networks);
			return error < 0 ? error : -ENOMEM;
		}
		word += len;
		word += strspn(word, SEPARATORS);
	}
	return 0;
}

void shiny_networks_finish(struct shiny_networks *networks)
{
	free(networks->list);
	networks->list = NULL;
	networks->count = 0;
}

static bool matches(const struct shiny_network *network, const uint8_t *host)
{
	unsigned bytes = network->bits / 8;
	unsigned mask = 0xff00u >> network->bits % 8 & 0xff;

	return memcmp(network->host, host, bytes) == 0 &&
	       (!mask || ((network->host[bytes] ^ host[bytes]) & mask) == 0);
}

bool shiny_networks_have(const struct shiny_networks *networks, const struct shiny_address *address)
{
	const struct in6_addr *in6 = &address->in6.sin6_addr;
	sa_family_t family = address->any.sa_family;
	const uint8_t *host = NULL;

	if (family == AF_INET) {
		host = (const uint8_t *)&address->in.sin_addr;
	} else if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(in6)) {
		family = AF_INET;
		host = &in6->s6_addr[12];
	} else if (family == AF_INET6) {
		host = in6->s6_addr;
	}
	for (size_t i = 0; i < networks->count; i++) {
		const struct shiny_network *network = &networks->list[i];
		if (network->family == family && (!host || matches(network, host))) {
			return true;
		}
	}
	return false;
}
