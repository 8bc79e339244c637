/* SPDX-License-Identifier: MIT */
/*
 * The limit of open descriptors, and how many connections it allows.
 *
 * The soft limit is raised to the hard one before a configuration is read; see config-clamp.h.
 */
#ifndef SHINYD_DESCRIPTOR_LIMIT_H
#define SHINYD_DESCRIPTOR_LIMIT_H

/* descriptor_limit_raise() - raise the soft limit to the hard one; returns what holds then */
unsigned descriptor_limit_raise(void);

/* descriptor_limit_get() - the soft limit of this process */
unsigned descriptor_limit_get(void);

/*
 * descriptor_limit_connections() - how many connections @descriptors allow a process
 *
 * It is one of @workers in a section, and keeps some descriptors for other things.
 */
unsigned descriptor_limit_connections(unsigned descriptors, unsigned workers);

#endif
