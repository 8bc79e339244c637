/* SPDX-License-Identifier: MIT */
/*
 * Large blocks: malloc()'s, with room to grow, and with an end in steps.
 *
 * The kernel takes a tenth of a second for the pages of 512 MiB. So free is lazy: a block that is
 * freed is only put on a list, and its pages are given back from the end, a step at a time, before
 * free() has it.
 *
 * Whoever asks for such blocks faster than the steps free them pays: as much is given back as is
 * taken, so that the list does not grow without end.
 */
#include "store/heap-large.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

/* What a block that grows is given in advance: as much again, but not more than this. */
#define SPARE_MAX ((size_t)1024 * 1024)

/* Blocks up to this size are freed at once. */
#define AT_ONCE_MAX ((size_t)16 * 1024)

#define TRIM_STEP   ((size_t)2 * 1024 * 1024)

/* Where pages are of another size, madvise() may refuse, and free() does it all. */
#define PAGE ((size_t)4096)

/* At the start of a block that was freed. */
struct heap_lazyfree {
	struct heap_lazyfree *next;
	size_t left; /* bytes from here on that still have pages */
};

static void count(struct heap *heap, size_t before, size_t after)
{
	heap->large += after - before;
	heap->used += after - before;
}

/* Gives back as much as is about to be taken. */
static void return_pages(struct heap *heap, size_t size)
{
	heap->bytes_due = heap->lazyfree ? heap->bytes_due + size : 0;
	while (heap->lazyfree && heap->bytes_due > 0) {
		size_t left = heap->lazyfree->left;
		size_t step = left < TRIM_STEP ? left : TRIM_STEP;

		if (heap->bytes_due < step) {
			return;
		}
		heap_large_trim(heap);
		heap->bytes_due -= step;
	}
}

void *heap_large_alloc(struct heap *heap, size_t size)
{
	void *block;

	return_pages(heap, size);
	block = malloc(size);
	count(heap, 0, malloc_usable_size(block));
	return block;
}

void *heap_large_grow(struct heap *heap, void *block, size_t size)
{
	size_t before = malloc_usable_size(block);
	void *grown;

	if (size <= before) {
		return block; /* heap_resize() may say no: it is less than half of the room */
	}
	grown = realloc(block, size + (size < SPARE_MAX ? size : SPARE_MAX));

	if (grown) {
		count(heap, before, malloc_usable_size(grown));
	}
	return grown;
}

void heap_large_free(struct heap *heap, void *block, size_t size)
{
	struct heap_lazyfree *later = block;

	count(heap, malloc_usable_size(block), 0);
	if (size <= AT_ONCE_MAX) {
		free(block);
		return;
	}
	*later = (struct heap_lazyfree){ heap->lazyfree, size };
	heap->lazyfree = later;
}

bool heap_large_trim(struct heap *heap)
{
	struct heap_lazyfree *block = heap->lazyfree;

	if (!block) {
		return false;
	}
	/* The page that the head is in stays to the last. */
	bool is_last = block->left <= TRIM_STEP + PAGE;
	size_t left = is_last ? PAGE : block->left - TRIM_STEP;
	uintptr_t from = ((uintptr_t)block + left) & ~(uintptr_t)(PAGE - 1);
	uintptr_t end = ((uintptr_t)block + block->left) & ~(uintptr_t)(PAGE - 1);

	madvise((void *)from, end - from, MADV_DONTNEED);
	block->left = left;
	if (is_last) {
		heap->lazyfree = block->next;
		free(block);
	}
	return true;
}
