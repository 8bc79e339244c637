/* SPDX-License-Identifier: MIT */
/*
 * Which keys go when there is no more memory. Called before commands that need memory, and by the
 * tick until the limit is met.
 */
#ifndef REDIS_LITE_STORE_EVICT_H
#define REDIS_LITE_STORE_EVICT_H

#include "store/keyspace.h"

/* What the policies are called; ends with NULL. */
extern const char *const evict_names[];

/* evict_configure() - keep to a limit in bytes (0: none) by a policy */
void evict_configure(struct keyspace *keyspace, uint64_t limit, enum evict_policy policy);

/* evict_is_needed() - whether keys take more than the limit */
static inline bool evict_is_needed(const struct keyspace *keyspace)
{
	return keyspace->limit && keyspace_used(keyspace) > keyspace->limit;
}

/*
 * evict_make_room() - remove keys, as the policy says, while they take more than the limit
 *
 * A bounded piece of work: after a large value it takes several calls to come below the limit.
 *
 * Returns false if keys take more and there is none that may be removed.
 */
bool evict_make_room(struct keyspace *keyspace);

#endif
