/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_LCS_H
#define REDIS_LITE_LCS_H

#include <stddef.h>
#include <stdint.h>

/* The longest common subsequence of two strings. */
struct lcs {
	const char *a, *b;
	size_t a_len, b_len;
	uint32_t *table; /* of the lengths for all pairs of prefixes */
};

/* lcs_init() - -EFBIG if that takes more than @most bytes, -ENOMEM; the strings must outlive it */
int lcs_init(struct lcs *lcs, const char *a, size_t a_len, const char *b, size_t b_len,
	     size_t most);
void lcs_finish(struct lcs *lcs);

uint32_t lcs_length(const struct lcs *lcs);

/* lcs_walk() - visit the runs of bytes that it consists of, the last one first */
void lcs_walk(const struct lcs *lcs,
	      void (*visit)(void *arg, size_t a_start, size_t b_start, size_t len), void *arg);

#endif
