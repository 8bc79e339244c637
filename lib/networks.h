/* SPDX-License-Identifier: MIT */
/*
 * A list of networks, as "127.0.0.1, 10.0.0.0/8, 2001:db8::/32, unix", and whether an address is in
 * one of them.
 *
 * An IPv4 address mapped into IPv6 counts as IPv4. Called by conns.c and conn.c.
 */
#ifndef SHINY_NETWORKS_H
#define SHINY_NETWORKS_H

#include "address.h"

#include <stdint.h>

struct shiny_network {
	sa_family_t family;
	unsigned bits; /* of the prefix */
	uint8_t host[16];
};

struct shiny_networks {
	struct shiny_network *list;
	size_t count;
};

/* Returns 0; -EINVAL if @text is not such a list; -ENOMEM. NULL is an empty one. */
int shiny_networks_init(struct shiny_networks *networks, const char *text);
void shiny_networks_finish(struct shiny_networks *networks);

bool shiny_networks_have(const struct shiny_networks *networks,
			 const struct shiny_address *address);

#endif
