/* SPDX-License-Identifier: MIT */
/*
 * Memory for the entries of tables: many, small, in no order.
 *
 * A block has no header: whoever frees it knows its size, and its address tells the slab. A slab is
 * 64 KiB of blocks of one size, cut from regions of 2 MiB, which go back to the system one by one
 * once they are empty.
 */
#include "store/heap.h"
#include "store/heap-large.h"
#include "store/huge.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SLAB_SIZE   ((size_t)64 * 1024)
#define REGION_SIZE HUGE_SIZE
#define SLABS	    (REGION_SIZE / SLAB_SIZE)
#define ALL_SLABS   UINT32_MAX

/* Regions from which on the next one is mapped ahead. */
#define AHEAD_FROM 4

/* At the start of a region, before the head of its first slab. */
struct heap_region {
	struct heap_region *next, *prev; /* of the heap's lists */
	uint32_t free;			 /* slabs, by bit */
};

/* At an offset of SLAB_HEAD in each slab. */
struct heap_slab {
	struct heap_slab *next, *prev; /* of those with a free block of the class */
	void *free;		       /* freed blocks, linked through their first bytes */
	uint32_t fresh;		       /* offset of the first block never used */
	uint32_t used;
	uint32_t size; /* of a block */
};

#define SLAB_HEAD  64
#define SLAB_FIRST 128

_Static_assert(sizeof(struct heap_region) <= SLAB_HEAD, "a region's head fits before a slab's");
_Static_assert(SLAB_HEAD + sizeof(struct heap_slab) <= SLAB_FIRST, "a slab's head fits");
_Static_assert(SLABS == 32, "a region's slabs are bits of free");

static struct heap_region *region_of(const void *p)
{
	return (struct heap_region *)((uintptr_t)p & ~(REGION_SIZE - 1));
}

static char *slab_base(const void *p)
{
	return (char *)((uintptr_t)p & ~(SLAB_SIZE - 1));
}

static struct heap_slab *slab_of(const void *p)
{
	return (struct heap_slab *)(void *)(slab_base(p) + SLAB_HEAD);
}

static void open_region(struct heap *heap, struct heap_region *region)
{
	region->prev = NULL;
	region->next = heap->open_regions;
	if (region->next) {
		region->next->prev = region;
	}
	heap->open_regions = region;
}

static void close_region(struct heap *heap, struct heap_region *region)
{
	if (region->next) {
		region->next->prev = region->prev;
	}
	if (region->prev) {
		region->prev->next = region->next;
	} else {
		heap->open_regions = region->next;
	}
}

static struct heap_region *map_region(struct heap *heap)
{
	struct heap_region *region = heap->next_region ? heap->next_region : huge_map(REGION_SIZE);

	heap->next_region = NULL;
	if (heap->maker && heap->regions >= AHEAD_FROM) {
		heap->next_region = huge_map(REGION_SIZE);
		if (heap->next_region) {
			huge_prepare(heap->maker, heap->next_region);
		}
	}
	if (region) {
		region->free = ALL_SLABS;
		heap->regions++;
	}
	return region;
}

/* A region that has a free slab, among the open ones. */
static struct heap_region *find_region(struct heap *heap)
{
	struct heap_region *region = heap->open_regions;

	if (region) {
		return region;
	}
	region = heap->free_regions;
	if (region) {
		heap->free_regions = region->next;
	} else {
		region = map_region(heap);
	}
	if (region) {
		open_region(heap, region);
	}
	return region;
}

static void open_slab(struct heap *heap, struct heap_slab *slab)
{
	struct heap_slab **head = &heap->open[slab->size / HEAP_STEP];

	slab->prev = NULL;
	slab->next = *head;
	if (slab->next) {
		slab->next->prev = slab;
	}
	*head = slab;
}

static void close_slab(struct heap *heap, struct heap_slab *slab)
{
	if (slab->next) {
		slab->next->prev = slab->prev;
	}
	if (slab->prev) {
		slab->prev->next = slab->next;
	} else {
		heap->open[slab->size / HEAP_STEP] = slab->next;
	}
}

static struct heap_slab *add_slab(struct heap *heap, uint32_t size)
{
	struct heap_region *region = find_region(heap);
	struct heap_slab *slab;
	unsigned index;

	if (!region) {
		return NULL;
	}
	index = (unsigned)__builtin_ctz(region->free);
	region->free &= ~(UINT32_C(1) << index);
	if (region->free == 0) {
		close_region(heap, region);
	}
	slab = slab_of((char *)region + index * SLAB_SIZE);
	*slab = (struct heap_slab){ .fresh = SLAB_FIRST, .size = size };
	open_slab(heap, slab);
	return slab;
}

/* The last block of a slab has gone. */
static void remove_slab(struct heap *heap, struct heap_slab *slab)
{
	struct heap_region *region = region_of(slab);
	size_t index = (size_t)(slab_base(slab) - (char *)region) / SLAB_SIZE;

	close_slab(heap, slab);
	if (region->free == 0) {
		open_region(heap, region);
	}
	region->free |= UINT32_C(1) << index;
	if (region->free == ALL_SLABS) {
		close_region(heap, region);
		region->next = heap->free_regions;
		heap->free_regions = region;
	}
}

static bool is_full(const struct heap_slab *slab)
{
	return !slab->free && slab->fresh + slab->size > SLAB_SIZE;
}

static void *alloc_small(struct heap *heap, uint32_t size)
{
	struct heap_slab *slab = heap->open[size / HEAP_STEP];
	void *block;

	if (!slab && !(slab = add_slab(heap, size))) {
		return NULL;
	}
	if (slab->free) {
		block = slab->free;
		slab->free = *(void **)block;
	} else {
		block = slab_base(slab) + slab->fresh;
		slab->fresh += size;
	}
	slab->used++;
	heap->used += size;
	if (is_full(slab)) {
		close_slab(heap, slab);
	}
	return block;
}

static void free_small(struct heap *heap, void *block)
{
	struct heap_slab *slab = slab_of(block);

	heap->used -= slab->size;
	if (is_full(slab)) {
		open_slab(heap, slab);
	}
	*(void **)block = slab->free;
	slab->free = block;
	if (--slab->used == 0) {
		remove_slab(heap, slab);
	}
}

void *heap_alloc(struct heap *heap, size_t size)
{
	if (size <= HEAP_SMALL_MAX) {
		return alloc_small(heap, (uint32_t)(size + HEAP_STEP - 1) & ~(HEAP_STEP - 1u));
	}
	return heap_large_alloc(heap, size);
}

void heap_free(struct heap *heap, void *block, size_t size)
{
	if (!block) {
		return;
	}
	if (size <= HEAP_SMALL_MAX) {
		free_small(heap, block);
	} else {
		heap_large_free(heap, block, size);
	}
}

size_t heap_size(const void *block, size_t size)
{
	return size <= HEAP_SMALL_MAX ? (size + HEAP_STEP - 1) & ~(HEAP_STEP - (size_t)1)
				      : malloc_usable_size((void *)block);
}

bool heap_resize(const void *block, size_t size, size_t other)
{
	size_t room;

	if (size <= HEAP_SMALL_MAX || other <= HEAP_SMALL_MAX) {
		return (size + HEAP_STEP - 1) / HEAP_STEP == (other + HEAP_STEP - 1) / HEAP_STEP;
	}
	room = malloc_usable_size((void *)block);
	return other <= room && other >= room / 2;
}

void *heap_grow(struct heap *heap, void *block, size_t size, size_t other)
{
	void *grown;

	if (heap_resize(block, size, other)) {
		return block;
	}
	if (size > HEAP_SMALL_MAX) {
		return heap_large_grow(heap, block, other);
	}
	grown = heap_alloc(heap, other);
	if (grown) {
		memcpy(grown, block, size);
		heap_free(heap, block, size);
	}
	return grown;
}

static void unmap_free_region(struct heap *heap)
{
	struct heap_region *region = heap->free_regions;

	heap->free_regions = region->next;
	heap->regions--;
	munmap(region, REGION_SIZE);
}

bool heap_trim(struct heap *heap)
{
	if (heap_large_trim(heap)) {
		return true;
	}
	/* One is kept, lest a single entry that comes and goes map and unmap it each time. */
	if (heap->free_regions && heap->free_regions->next) {
		unmap_free_region(heap);
		return true;
	}
	return false;
}

void heap_finish(struct heap *heap)
{
	while (heap_trim(heap)) {
	}
	if (heap->free_regions) {
		unmap_free_region(heap);
	}
	if (heap->next_region) {
		munmap(heap->next_region, REGION_SIZE);
		heap->next_region = NULL;
	}
}

size_t heap_memory(const struct heap *heap)
{
	size_t regions = heap->regions + (heap->next_region != NULL);

	return regions * REGION_SIZE + heap->large;
}
