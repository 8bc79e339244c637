/* SPDX-License-Identifier: MIT */
/*
 * The log of what nearly every change of a pipeline is: the request behind the last one that was
 * logged.
 */
#ifndef REDIS_LITE_AOF_LOG_INLINE_H
#define REDIS_LITE_AOF_LOG_INLINE_H

#include "aof/internal.h"

/*
 * aof_log_next() - append a request in the wire's form, if it stands behind the last one
 *
 * Returns whether it does; aof_log_raw() takes any. What has been promised of the last one holds for
 * both.
 */
static inline bool aof_log_next(struct aof *aof, unsigned db, const char *data, size_t len)
{
	if (!data || data != aof->raw_end || db != aof->log.db) {
		return false;
	}
	aof->raw_end += len;
	return true;
}

#endif
