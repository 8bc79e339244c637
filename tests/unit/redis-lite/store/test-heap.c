/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "store/heap.h"

#include <string.h>

#define COUNT 20000

struct block {
	unsigned char *data;
	size_t size;
	unsigned char fill;
};

static void take(struct heap *heap, struct block *block, size_t size, unsigned fill)
{
	*block = (struct block){ heap_alloc(heap, size), size, (unsigned char)fill };
	g_assert_nonnull(block->data);
	g_assert_cmpuint((uintptr_t)block->data % HEAP_STEP, ==, 0);
	memset(block->data, block->fill, size);
}

static void give(struct heap *heap, struct block *block)
{
	for (size_t i = 0; i < block->size; i++) {
		g_assert_cmpuint(block->data[i], ==, block->fill);
	}
	heap_free(heap, block->data, block->size);
	*block = (struct block){ 0 };
}

static void blocks_never_overlap(void)
{
	GRand *rand = g_rand_new_with_seed(3);
	struct block *blocks = g_new0(struct block, COUNT);
	struct heap heap = { 0 };

	for (unsigned i = 0; i < 20 * COUNT; i++) {
		struct block *block = &blocks[g_rand_int_range(rand, 0, COUNT)];

		if (block->data) {
			give(&heap, block);
		} else {
			take(&heap, block, (size_t)g_rand_int_range(rand, 1, 1500), i);
		}
	}
	for (unsigned i = 0; i < COUNT; i++) {
		if (blocks[i].data) {
			give(&heap, &blocks[i]);
		}
	}
	g_assert_cmpuint(heap.large, ==, 0);
	while (heap_trim(&heap)) {
	}
	g_assert_cmpuint(heap.regions, <=, 1);
	heap_finish(&heap);
	g_free(blocks);
	g_rand_free(rand);
}

static void little_is_lost_around_a_block(void)
{
	struct block *blocks = g_new0(struct block, COUNT);
	struct heap heap = { 0 };

	for (unsigned i = 0; i < COUNT; i++) {
		take(&heap, &blocks[i], 88, i);
	}
	g_assert_cmpuint(heap_memory(&heap), <, COUNT * 89 + 2 * 1024 * 1024);
	for (unsigned i = 0; i < COUNT; i++) {
		give(&heap, &blocks[i]);
	}
	heap_finish(&heap);
	g_free(blocks);
}

static void freed_memory_serves_other_sizes(void)
{
	struct block *blocks = g_new0(struct block, COUNT);
	struct heap heap = { 0 };
	size_t most = 0;

	for (size_t size = 8; size <= 1024; size *= 2) {
		for (unsigned i = 0; i < COUNT * 8 / size; i++) {
			take(&heap, &blocks[i], size, i);
		}
		most = MAX(most, heap_memory(&heap));
		for (unsigned i = 0; i < COUNT * 8 / size; i++) {
			give(&heap, &blocks[i]);
		}
	}
	g_assert_cmpuint(most, <=, 2 * 1024 * 1024);
	heap_finish(&heap);
	g_free(blocks);
}

static void a_block_is_resized_only_where_it_fits(void)
{
	struct heap heap = { 0 };
	struct block block;

	take(&heap, &block, 17, 1);
	g_assert_true(heap_resize(block.data, 17, 24));
	g_assert_false(heap_resize(block.data, 24, 25));
	g_assert_false(heap_resize(block.data, 24, 16));
	heap_free(&heap, block.data, 24);
	take(&heap, &block, 4000, 1);
	g_assert_true(heap_resize(block.data, 4000, 3000));
	g_assert_false(heap_resize(block.data, 3000, 1500));
	g_assert_false(heap_resize(block.data, 3000, 500));
	g_assert_false(heap_resize(block.data, 3000, 9000));
	heap_free(&heap, block.data, 3000);
	g_assert_cmpuint(heap.large, ==, 0);
	heap_finish(&heap);
}

/* From one size class to the next, and on to memory of its own: a byte at a time. */
static void a_block_that_grows_is_seldom_copied(void)
{
	enum {
		LAST = 4 * 1024 * 1024
	};
	struct heap heap = { 0 };
	unsigned moves = 0;
	char *block = heap_alloc(&heap, 8);

	for (size_t size = 8; size < LAST; size++) {
		char *grown = heap_grow(&heap, block, size, size + 1);

		g_assert_nonnull(grown);
		grown[size] = (char)(size % 251);
		moves += grown != block;
		block = grown;
	}
	for (size_t i = 8; i < LAST; i++) {
		g_assert_cmpint(block[i], ==, (char)(i % 251));
	}
	/* One a size class, and then as often as twice as much is needed. */
	g_assert_cmpuint(moves, <=, HEAP_SMALL_MAX / HEAP_STEP + 14);
	heap_free(&heap, block, LAST);
	g_assert_cmpuint(heap.large, ==, 0);
	g_assert_cmpuint(heap.used, ==, 0);
	heap_finish(&heap);
}

/* The last byte's page is gone with the first step, the first one's with the last. */
static void a_huge_block_is_given_back_in_steps(void)
{
	enum {
		SIZE = 64 << 20,
		STEPS = 32
	};
	struct heap heap = { 0 };
	char *block = heap_alloc(&heap, SIZE);
	unsigned steps = 0;

	memset(block, 'x', SIZE);
	heap_free(&heap, block, SIZE);
	g_assert_cmpuint(heap.used, ==, 0);
	while (heap_trim(&heap)) {
		steps++;
		if (steps < STEPS) {
			g_assert_cmpint(block[SIZE - 1 - 4096], ==, 0);
			g_assert_cmpint(block[4096], ==, 'x');
		}
	}
	g_assert_cmpuint(steps, ==, STEPS);
	heap_finish(&heap);
}

/* As by a client that replaces a large value again and again, in one turn of the loop. */
static void what_is_taken_is_paid_with_what_was_freed(void)
{
	enum {
		SIZE = 8 << 20,
		STEP = 2 << 20
	};
	struct heap heap = { 0 };
	unsigned steps = 0;

	for (unsigned i = 0; i < 100; i++) {
		size_t size = SIZE + i % 7 * STEP / 3;

		heap_free(&heap, heap_alloc(&heap, size), size);
	}
	while (heap_trim(&heap)) {
		steps++;
	}
	g_assert_cmpuint(steps, <=, 3 * SIZE / STEP);
	heap_finish(&heap);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/heap/blocks-never-overlap", blocks_never_overlap);
	harness_add("/heap/little-is-lost-around-a-block", little_is_lost_around_a_block);
	harness_add("/heap/freed-memory-serves-other-sizes", freed_memory_serves_other_sizes);
	harness_add("/heap/a-block-is-resized-only-where-it-fits",
		    a_block_is_resized_only_where_it_fits);
	harness_add("/heap/a-block-that-grows-is-seldom-copied",
		    a_block_that_grows_is_seldom_copied);
	harness_add("/heap/a-huge-block-is-given-back-in-steps",
		    a_huge_block_is_given_back_in_steps);
	harness_add("/heap/what-is-taken-is-paid-with-what-was-freed",
		    what_is_taken_is_paid_with_what_was_freed);
	return harness_run();
}
