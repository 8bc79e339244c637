/* SPDX-License-Identifier: MIT */
/*
 * The sweep for keys that have expired and that nobody asks for. Called by the tick.
 */
#ifndef REDIS_LITE_STORE_EXPIRY_H
#define REDIS_LITE_STORE_EXPIRY_H

#include "store/keyspace.h"

/*
 * expiry_sweep() - one bounded step of looking for expired keys and removing them
 *
 * Returns whether the pass over all databases has more to see; at its end the next call begins
 * another.
 */
bool expiry_sweep(struct keyspace *keyspace, int64_t now_ms);

#endif
