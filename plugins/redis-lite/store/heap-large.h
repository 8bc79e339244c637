/* SPDX-License-Identifier: MIT */
/*
 * Blocks above HEAP_SMALL_MAX. For heap.c.
 */
#ifndef REDIS_LITE_STORE_HEAP_LARGE_H
#define REDIS_LITE_STORE_HEAP_LARGE_H

#include "store/heap.h"

/* Blocks of more than HEAP_SMALL_MAX bytes; for store/heap.c, which has the same functions for all. */
void *heap_large_alloc(struct heap *heap, size_t size);
void *heap_large_grow(struct heap *heap, void *block, size_t size);
void heap_large_free(struct heap *heap, void *block, size_t size);

/* heap_large_trim() - one step of giving freed blocks back; false if there are none */
bool heap_large_trim(struct heap *heap);

#endif
