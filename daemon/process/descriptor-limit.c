/* SPDX-License-Identifier: MIT */
/*
 * RLIMIT_NOFILE, read and raised.
 */
#include "process/descriptor-limit.h"

#include <limits.h>
#include <sys/resource.h>

/* For the listening sockets, the loop, and the files of the plugin. */
#define DESCRIPTORS_KEPT 64

unsigned descriptor_limit_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	return descriptor_limit_get();
}

unsigned descriptor_limit_get(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > INT_MAX) {
		return INT_MAX;
	}
	return (unsigned)limit.rlim_cur;
}

/* Each worker has a descriptor for each of its siblings. */
unsigned descriptor_limit_connections(unsigned descriptors, unsigned workers)
{
	unsigned kept = DESCRIPTORS_KEPT + (workers > 1 ? workers : 0);

	return descriptors > 2 * kept ? descriptors - kept : descriptors / 2;
}
