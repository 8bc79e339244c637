/* SPDX-License-Identifier: MIT */
/*
 * What the workers of one section share with each other, so that each gets its share of the
 * connections and all have one limit; see sibling_loads of struct shiny_options.
 *
 * The supervisor makes it, and hands it to workers. It believes nothing that stands there.
 */
#ifndef SHINYD_SIBLINGS_H
#define SHINYD_SIBLINGS_H

#include <stddef.h>
#include <stdint.h>

struct siblings {
	uint64_t *loads; /* one a worker; NULL where there is one worker only */
	int *wakeups;	 /* likewise: eventfd(2) */
	unsigned count;
	int fd; /* of the memory that loads are in; -1: closed */
};

/* One of them. */
struct sibling {
	const struct siblings *all;
	unsigned index;
};

/*
 * siblings_init() - for @count workers
 *
 * Owner:   for siblings_finish(), also after a failure.
 * Returns: 0 or -errno.
 */
int siblings_init(struct siblings *siblings, size_t count);
void siblings_finish(struct siblings *siblings);

/*
 * siblings_take() - in a worker: of @count, the memory at @fd and the wakeups behind it
 *
 * Owner:   takes the descriptors, of which it closes that of the memory; *@ret is the caller's, for
 *          siblings_finish(), also after a failure.
 * Returns: 0; -EINVAL if that is not what is there; -ENOMEM.
 */
int siblings_take(int fd, unsigned count, struct siblings *ret);

/* siblings_clear() - that worker has ended: it has no connections any more */
void siblings_clear(const struct siblings *siblings, unsigned index);

#endif
