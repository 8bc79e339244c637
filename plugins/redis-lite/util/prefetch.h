/* SPDX-License-Identifier: MIT */
/*
 * Asking for memory before it is needed, without waiting for it.
 */
#ifndef REDIS_LITE_UTIL_PREFETCH_H
#define REDIS_LITE_UTIL_PREFETCH_H

/*
 * prefetch() - ask for the cache line at @p, which need not be a valid address
 *
 * The empty statement keeps it: to gcc a function that only prefetches has no effect, and a call of
 * it is left out.
 */
static inline void prefetch(const void *p)
{
	__builtin_prefetch(p);
	__asm__ volatile("" : : "r"(p));
}

#endif
