/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_AOF_SYNC_H
#define REDIS_LITE_AOF_SYNC_H

struct aof_sync;

/* aof_sync_create() - a thread that syncs @fd when asked; 0 or -errno. @fd stays the caller's. */
int aof_sync_create(int fd, struct aof_sync **ret_sync);

/* aof_sync_request() - sync what has been written so far, beside the caller; unless it is busy, and
 * then the call says so by returning -EBUSY */
int aof_sync_request(struct aof_sync *sync);

/* aof_sync_error() - why a sync failed, as a positive errno value; or 0. Never forgotten. */
int aof_sync_error(const struct aof_sync *sync);

/* aof_sync_destroy() - waits for a sync under way */
void aof_sync_destroy(struct aof_sync *sync);

#endif
