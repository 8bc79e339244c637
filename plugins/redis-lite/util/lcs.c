/* SPDX-License-Identifier: MIT */
/*
 * The longest common subsequence, by the textbook's table of the lengths for all pairs of prefixes, of
 * which only a bit each is kept.
 *
 * With one more byte of b the length stays or grows by one. So a row of the table, which belongs to a
 * prefix of a, is a number with a bit for each byte of b, and from one row to the next it takes an
 * addition instead of a step for each byte (H. Hyyro, Bit-parallel LCS-length computation revisited,
 * 2004). A clear bit says "grows". These bits also suffice to find the way back through the table;
 * where there are several, it is the one that Redis finds.
 */
#include "util/lcs.h"
#include "util/work.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64

/* Where the bytes of b are that a byte is equal to, for each that is in a. */
struct masks {
	uint64_t *all;
	uint64_t *of[UCHAR_MAX + 1]; /* NULL: not in a */
};

static int init_masks(struct masks *masks, const struct lcs *lcs)
{
	size_t count = 0;
	bool used[UCHAR_MAX + 1] = { false };

	for (size_t i = 0; i < lcs->a_len; i++) {
		count += !used[(unsigned char)lcs->a[i]];
		used[(unsigned char)lcs->a[i]] = true;
	}
	masks->all = calloc(count * lcs->words, sizeof(uint64_t));
	if (!masks->all) {
		return -ENOMEM;
	}
	for (unsigned c = 0; c <= UCHAR_MAX; c++) {
		masks->of[c] = used[c] ? masks->all + --count * lcs->words : NULL;
	}
	for (size_t j = 0; j < lcs->b_len; j++) {
		uint64_t *mask = masks->of[(unsigned char)lcs->b[j]];

		if (mask) {
			mask[j / WORD_BITS] |= UINT64_C(1) << j % WORD_BITS;
		}
	}
	return 0;
}

static void next_row(const uint64_t *before, const uint64_t *mask, uint64_t *row, size_t words)
{
	uint64_t carry = 0;

	for (size_t i = 0; i < words; i++) {
		uint64_t common = before[i] & mask[i], sum;

		carry = __builtin_add_overflow(before[i], carry, &sum);
		carry += __builtin_add_overflow(sum, common, &sum);
		row[i] = sum | (before[i] & ~mask[i]);
	}
}

/* In the row in front of the first one nothing grows. */
static void fill_rows(struct lcs *lcs, const struct masks *masks, struct work *work)
{
	size_t size = lcs->words * sizeof(uint64_t);
	const uint64_t *before = lcs->rows;

	memset(lcs->rows, 0xff, size);
	for (size_t i = 0; i < lcs->a_len; i++) {
		uint64_t *row = lcs->rows + (i + 1) * lcs->words;

		next_row(before, masks->of[(unsigned char)lcs->a[i]], row, lcs->words);
		before = row;
		work_add(work, 4 * size);
	}
}

int lcs_init(struct lcs *lcs, const char *a, size_t a_len, const char *b, size_t b_len, size_t most,
	     struct work *work)
{
	struct masks masks;
	size_t cells;
	int r;

	*lcs = (struct lcs){ a, b, a_len, b_len, (b_len + WORD_BITS - 1) / WORD_BITS, NULL };
	if (__builtin_mul_overflow(a_len + 1, b_len + 1, &cells) ||
	    cells > most / sizeof(uint32_t)) {
		return -EFBIG;
	}
	if (a_len == 0 || b_len == 0) {
		return 0;
	}
	r = init_masks(&masks, lcs);
	if (r < 0) {
		return r;
	}
	lcs->rows = malloc((a_len + 1) * lcs->words * sizeof(uint64_t));
	if (lcs->rows) {
		fill_rows(lcs, &masks, work);
	}
	free(masks.all);
	return lcs->rows ? 0 : -ENOMEM;
}

void lcs_finish(struct lcs *lcs)
{
	free(lcs->rows);
}

/* Whether the @j-th byte of b makes it longer, for the first @i bytes of a. */
static bool length_grows(const struct lcs *lcs, size_t i, size_t j)
{
	return !(lcs->rows[i * lcs->words + (j - 1) / WORD_BITS] >> (j - 1) % WORD_BITS & 1);
}

size_t lcs_length(const struct lcs *lcs)
{
	size_t len = 0;

	for (size_t j = 1; lcs->rows && j <= lcs->b_len; j++) {
		len += length_grows(lcs, lcs->a_len, j);
	}
	return len;
}

void lcs_walk(const struct lcs *lcs,
	      void (*visit)(void *arg, size_t a_start, size_t b_start, size_t len), void *arg)
{
	size_t i = lcs->a_len, j = lcs->b_len;

	while (i > 0 && j > 0) {
		size_t run = 0;

		while (run < i && run < j && lcs->a[i - 1 - run] == lcs->b[j - 1 - run]) {
			run++;
		}
		if (run > 0) {
			i -= run;
			j -= run;
			visit(arg, i, j, run);
		} else if (length_grows(lcs, i, j)) {
			i--; /* as these two bytes differ, the last one of a has no part in it */
		} else {
			j--;
		}
	}
}
