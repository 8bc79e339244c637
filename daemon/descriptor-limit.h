/* SPDX-License-Identifier: MIT */
/*
 * How many descriptors a worker may open, and so how many connections it may have.
 */
#ifndef SHINYD_DESCRIPTOR_LIMIT_H
#define SHINYD_DESCRIPTOR_LIMIT_H

#include "config.h"

/* descriptor_limit_raise() - raise the soft limit to the hard one; returns what holds then */
unsigned descriptor_limit_raise(void);

/* descriptor_limit_connections() - how many this process may have as one of @workers in a section */
unsigned descriptor_limit_connections(unsigned workers);

/*
 * descriptor_limit_clamp() - keep max_connections below what the descriptors allow
 *
 * With a warning where the file asked for more.
 */
void descriptor_limit_clamp(struct config *config, unsigned descriptors);

#endif
