/* SPDX-License-Identifier: MIT */
/*
 * The longest common subsequence, by the textbook: a table of the lengths for all pairs of prefixes,
 * and a way back through it. Where there are several, it is the one that Redis finds.
 */
#include "lcs.h"

#include <errno.h>
#include <stdlib.h>

/* For the first @i and @j bytes. */
static uint32_t *cell(const struct lcs *lcs, size_t i, size_t j)
{
	return &lcs->table[i * (lcs->b_len + 1) + j];
}

static void fill(struct lcs *lcs)
{
	for (size_t i = 1; i <= lcs->a_len; i++) {
		for (size_t j = 1; j <= lcs->b_len; j++) {
			uint32_t above = *cell(lcs, i - 1, j), left = *cell(lcs, i, j - 1);

			if (lcs->a[i - 1] == lcs->b[j - 1]) {
				*cell(lcs, i, j) = *cell(lcs, i - 1, j - 1) + 1;
			} else {
				*cell(lcs, i, j) = above > left ? above : left;
			}
		}
	}
}

int lcs_init(struct lcs *lcs, const char *a, size_t a_len, const char *b, size_t b_len, size_t most)
{
	size_t cells;

	*lcs = (struct lcs){ a, b, a_len, b_len, NULL };
	if (__builtin_mul_overflow(a_len + 1, b_len + 1, &cells) ||
	    cells > most / sizeof(uint32_t)) {
		return -EFBIG;
	}
	lcs->table = calloc(cells, sizeof(uint32_t));
	if (!lcs->table) {
		return -ENOMEM;
	}
	fill(lcs);
	return 0;
}

void lcs_finish(struct lcs *lcs)
{
	free(lcs->table);
}

uint32_t lcs_length(const struct lcs *lcs)
{
	return *cell(lcs, lcs->a_len, lcs->b_len);
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
		} else if (*cell(lcs, i - 1, j) > *cell(lcs, i, j - 1)) {
			i--;
		} else {
			j--;
		}
	}
}
