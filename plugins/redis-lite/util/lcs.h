/* SPDX-License-Identifier: MIT */
/*
 * The longest common subsequence of two strings. For LCS.
 */
#ifndef REDIS_LITE_UTIL_LCS_H
#define REDIS_LITE_UTIL_LCS_H

#include <stddef.h>
#include <stdint.h>

struct work;

/* The longest common subsequence of two strings. */
struct lcs {
	const char *a, *b;
	size_t a_len, b_len;
	size_t words;	/* of a row */
	uint64_t *rows; /* one for each byte of a; NULL: there are none */
};

/*
 * lcs_init() - find it
 *
 * The strings must outlive it. What it does is counted in @work, which may be NULL.
 *
 * Returns: 0; -EFBIG if four bytes for each pair of prefixes, which is what Redis takes, are more than
 *          @most; -ENOMEM. lcs_finish() is to be called in any case.
 */
int lcs_init(struct lcs *lcs, const char *a, size_t a_len, const char *b, size_t b_len, size_t most,
	     struct work *work);
void lcs_finish(struct lcs *lcs);

size_t lcs_length(const struct lcs *lcs);

/* lcs_walk() - visit the runs of bytes that it consists of, the last one first */
void lcs_walk(const struct lcs *lcs,
	      void (*visit)(void *arg, size_t a_start, size_t b_start, size_t len), void *arg);

#endif
