/* SPDX-License-Identifier: MIT */
/*
 * Memory for entries. The caller remembers the size of each block, which saves the header that
 * malloc(3) needs. For the keyspace and its entries.
 */
#ifndef REDIS_LITE_STORE_HEAP_H
#define REDIS_LITE_STORE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks up to this size come from slabs, larger ones from malloc(). */
#define HEAP_SMALL_MAX 1024

/* Sizes that differ by less share a class of blocks. */
#define HEAP_STEP    8
#define HEAP_CLASSES (HEAP_SMALL_MAX / HEAP_STEP + 1)

struct heap_slab;
struct heap_region;
struct heap_lazyfree;
struct huge_maker;

struct heap {
	struct heap_slab *open[HEAP_CLASSES]; /* slabs with a free block, by class */
	struct heap_region *open_regions;     /* regions with some free slabs */
	struct heap_region *free_regions; /* with nothing in them, to be used again or trimmed */
	struct heap_region *next_region;  /* mapped ahead, and made huge meanwhile; or NULL */
	struct huge_maker *maker;	  /* NULL: a large heap has small pages too */
	struct heap_lazyfree *lazyfree;	  /* large blocks freed, but not yet given back */
	size_t bytes_due;		  /* bytes taken since, for which none were given back */
	size_t regions;
	size_t large; /* bytes that malloc() gave */
	size_t used;  /* bytes of all blocks */
};

/* An all-zero heap is an empty one. */

/* heap_alloc() - room for @size bytes, aligned to HEAP_STEP; NULL if out of memory */
void *heap_alloc(struct heap *heap, size_t size);

/* heap_free() - @size is what the block was asked for, or resized to; @block may be NULL */
void heap_free(struct heap *heap, void *block, size_t size);

/* heap_resize() - use a block for another size from now on, if that fits and wastes little */
bool heap_resize(const void *block, size_t size, size_t other);

/* heap_size() - bytes that a block of @size takes */
size_t heap_size(const void *block, size_t size);

/*
 * heap_grow() - a larger block with the same bytes at its start, in place of this one
 *
 * Leaves room for more of the same, so that a block that grows again and again is copied seldom.
 *
 * Returns NULL if out of memory, with @block as it was.
 */
void *heap_grow(struct heap *heap, void *block, size_t size, size_t other);

/*
 * heap_trim() - one bounded step of giving memory back to the system; false if there was nothing
 *
 * Frees never do it by themselves: the kernel takes a tenth of a second for the pages of a block of
 * 512 MiB, and the regions of a flushed keyspace become empty nearly all at once. The last region
 * stays.
 */
bool heap_trim(struct heap *heap);

/* heap_finish() - when all blocks are freed */
void heap_finish(struct heap *heap);

/* heap_memory() - bytes taken from the system */
size_t heap_memory(const struct heap *heap);

#endif
