/* SPDX-License-Identifier: MIT */
/*
 * A disk that tears, loses and fails, for the tests of the append-only file.
 *
 * The linker's --wrap puts disk.c between the sources and libc's calls to the disk; it has one of them
 * fail, as the test says. A sync does nothing here while it succeeds. One that fails takes with it what
 * was written since the last one that did not, as a kernel may do.
 */
#ifndef TESTS_REDIS_LITE_DISK_H
#define TESTS_REDIS_LITE_DISK_H

#include "redis-lite/store.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <sys/types.h>

enum disk_call {
	DISK_WRITE,
	DISK_SYNC,
	DISK_RENAME,
	DISK_TRUNCATE,
	DISK_CALL_MAX
};

#define DISK_FDS_MAX 64

/* Which call fails, the nth from now, and what was seen of the others. */
struct disk {
	enum disk_call kind;
	atomic_int left; /* 0: none does */
	int error;
	_Atomic(off_t) synced[DISK_FDS_MAX];
	atomic_uint folder_syncs;
	bool folders_cannot; /* be synced */
	bool names_cannot;   /* be exchanged */
	bool gated;	     /* a rewrite's sync is told by one, and waits for the other */
	sem_t came, may_go, went;
	atomic_size_t written; /* by the loop */
	off_t dropped_to;      /* what need not stay in memory */
};

extern struct disk disk;

/* A write that never fails. */
ssize_t __real_write(int fd, const void *buf, size_t len);

/* disk_is_thorough() - whether to try each cut and each call, instead of some: REDIS_LITE_ROUNDS=1 */
bool disk_is_thorough(void);

/* disk_forget_syncs() - as if nothing had been synced yet */
void disk_forget_syncs(void);

/* disk_open_store() - create a store and open it, on a disk on which nothing is synced yet */
int disk_open_store(const char *dir, enum aof_fsync policy, struct instance **ret_instance);

#endif
