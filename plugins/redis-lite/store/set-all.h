/* SPDX-License-Identifier: MIT */
/*
 * MSET and MSETNX: several keys that get values together, or none of them.
 */
#ifndef REDIS_LITE_STORE_SET_ALL_H
#define REDIS_LITE_STORE_SET_ALL_H

#include "store/keyspace.h"

#include <shiny-resp.h>

/*
 * set_all() - give several keys values that never expire, or none of them
 *
 * @pairs are @count keys, each with its value behind it; where a key stands twice its last value
 * counts. @hash is that of the first key. Copies the values, which must not point into the keyspace.
 *
 * Returns: 0; -ENOMEM with nothing changed.
 */
int set_all(struct keyspace *keyspace, unsigned db, const struct shiny_resp_arg *pairs,
	    size_t count, uint64_t hash);

#endif
