/* SPDX-License-Identifier: MIT */
/*
 * The nearest word: edit distance with transpositions, and abbreviations.
 */
#include "util/suggest.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Longer words are no keys of ours, and get no suggestion. */
#define WORD_MAX 63

/* Shorter words abbreviate too many others. */
#define ABBREVIATION_MIN 3

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* ASCII is all that keys are made of. */
static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool differ(char a, char b)
{
	return lower(a) != lower(b);
}

/*
 * Insertions, deletions, substitutions and swaps of neighbours that turn @a into @b.
 * Three rows of the usual table are enough: a swap looks two back.
 */
static unsigned edit_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++) {
		last[j] = (unsigned)j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned substitute = last[j - 1] + differ(a[i - 1], b[j - 1]);

			row[j] = min(substitute, min(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && !differ(a[i - 1], b[j - 2]) &&
			    !differ(a[i - 2], b[j - 1])) {
				row[j] = min(row[j], before[j - 2] + 1);
			}
		}
		unsigned *oldest = before;
		before = last;
		last = row;
		row = oldest;
	}
	return last[b_len];
}

static const char *skip_separators(const char *s)
{
	return s + strspn(s, "_- ");
}

/* "maxcon" abbreviates "max_connections". */
static bool abbreviates(const char *word, const char *candidate)
{
	if (strlen(word) < ABBREVIATION_MIN) {
		return false;
	}
	for (word = skip_separators(word); *word != '\0'; word = skip_separators(word + 1)) {
		candidate = skip_separators(candidate);
		if (differ(*word, *candidate)) {
			return false;
		}
		candidate++;
	}
	return true;
}

void suggestion_init(struct suggestion *suggestion, const char *word)
{
	suggestion->word = word;
	suggestion->best = NULL;
	/* One edit in three letters is a slip; more is another word. */
	suggestion->distance = 1 + (unsigned)(strlen(word) / 3);
}

void suggestion_offer(struct suggestion *suggestion, const char *candidate)
{
	const char *word = suggestion->word;
	unsigned distance;

	if (strlen(word) > WORD_MAX || strlen(candidate) > WORD_MAX) {
		return;
	}
	distance = abbreviates(word, candidate) ? 1 : edit_distance(word, candidate);
	if (distance < suggestion->distance) {
		suggestion->best = candidate;
		suggestion->distance = distance;
	}
}
