/* SPDX-License-Identifier: MIT */
/*
 * A limit on the memory of a worker: what it may have beyond what it starts with.
 *
 * Allocations above it fail, which most programs do not survive, and what they die of then can look
 * like anything. So it can be asked whether a process is close to its limit.
 */
#ifndef SHINYD_MEMORY_LIMIT_H
#define SHINYD_MEMORY_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* memory_limit_set() - this process may map @bytes more, of private writable memory; 0 or -errno */
int memory_limit_set(int64_t bytes);

/* memory_limit_reached() - whether process @pid has all but an eighth of @bytes. Signal-safe. */
bool memory_limit_reached(pid_t pid, int64_t bytes);

#endif
