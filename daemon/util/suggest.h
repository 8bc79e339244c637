/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean ...?": the known word that is nearest to a misspelt one.
 *
 * Candidates are offered one by one, so that they may come from several tables.
 */
#ifndef SHINYD_SUGGEST_H
#define SHINYD_SUGGEST_H

struct suggestion {
	const char *word; /* as it was written */
	const char *best; /* the nearest candidate so far; NULL while none is near */
	unsigned distance;
};

void suggestion_init(struct suggestion *suggestion, const char *word);

/*
 * suggestion_offer() - consider a candidate
 *
 * One wins if few edits lead to it or if the word abbreviates it, whatever the case; of equals the
 * first.
 *
 * Owner:   @candidate stays the caller's, and must live as long as @suggestion is used.
 */
void suggestion_offer(struct suggestion *suggestion, const char *candidate);

#endif
