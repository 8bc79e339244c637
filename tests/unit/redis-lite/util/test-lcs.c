/* SPDX-License-Identifier: MIT */
/*
 * The longest common subsequence, compared with the textbook's table of all lengths.
 */
#include "harness.h"
#include "util/lcs.h"

#include <errno.h>
#include <string.h>

#define LEN_MAX 150

/* Lengths for all pairs of prefixes. */
static unsigned table[LEN_MAX + 1][LEN_MAX + 1];

static void fill_table(const GString *a, const GString *b)
{
	for (size_t i = 1; i <= a->len; i++) {
		for (size_t j = 1; j <= b->len; j++) {
			table[i][j] = a->str[i - 1] == b->str[j - 1]
					      ? table[i - 1][j - 1] + 1
					      : MAX(table[i - 1][j], table[i][j - 1]);
		}
	}
}

/* The way back that Redis takes, as "A-B-LEN " for each run. */
static char *expected_runs(const GString *a, const GString *b)
{
	GString *runs = g_string_new("");
	size_t i = a->len, j = b->len, run = 0;

	while (i > 0 && j > 0) {
		if (a->str[i - 1] == b->str[j - 1]) {
			run++;
			i--;
			j--;
			continue;
		}
		if (run > 0) {
			g_string_append_printf(runs, "%zu-%zu-%zu ", i, j, run);
			run = 0;
		}
		if (table[i - 1][j] > table[i][j - 1]) {
			i--;
		} else {
			j--;
		}
	}
	if (run > 0) {
		g_string_append_printf(runs, "%zu-%zu-%zu ", i, j, run);
	}
	return g_string_free(runs, false);
}

static void note_run(void *arg, size_t a_start, size_t b_start, size_t len)
{
	g_string_append_printf(arg, "%zu-%zu-%zu ", a_start, b_start, len);
}

static void compare(const GString *a, const GString *b)
{
	GString *runs = g_string_new("");
	char *expected;
	struct lcs lcs;

	fill_table(a, b);
	expected = expected_runs(a, b);
	g_assert_cmpint(lcs_init(&lcs, a->str, a->len, b->str, b->len, SIZE_MAX, NULL), ==, 0);
	g_assert_cmpuint(lcs_length(&lcs), ==, table[a->len][b->len]);
	lcs_walk(&lcs, note_run, runs);
	g_assert_cmpstr(runs->str, ==, expected);
	lcs_finish(&lcs);
	g_string_free(runs, true);
	g_free(expected);
}

static void make_text(GString *text, int letters)
{
	int len = g_test_rand_int_range(0, LEN_MAX + 1);

	g_string_truncate(text, 0);
	for (int i = 0; i < len; i++) {
		g_string_append_c(text, (char)(0xff - g_test_rand_int_range(0, letters)));
	}
}

static void random_texts_are_as_in_the_textbook(void)
{
	GString *a = g_string_new(""), *b = g_string_new("");

	for (int i = 0; i < 500; i++) {
		int letters = 1 + i % 20;

		make_text(a, letters);
		make_text(b, letters);
		compare(a, b);
	}
	g_string_free(a, true);
	g_string_free(b, true);
}

static void edges_of_words_are_as_in_the_textbook(void)
{
	for (size_t len = 63; len <= 129; len++) {
		GString *a = g_string_new(""), *b = g_string_new("");

		while (a->len < len) {
			g_string_append_c(a, "ab"[a->len % 2]);
			g_string_append_c(b, "ba"[b->len % 2]);
		}
		compare(a, b);
		compare(a, a);
		g_string_free(a, true);
		g_string_free(b, true);
	}
}

static void too_much_is_refused(void)
{
	struct lcs lcs;

	/* four bytes for each pair of prefixes */
	g_assert_cmpint(lcs_init(&lcs, "abc", 3, "abcd", 4, 80, NULL), ==, 0);
	lcs_finish(&lcs);
	g_assert_cmpint(lcs_init(&lcs, "abc", 3, "abcd", 4, 79, NULL), ==, -EFBIG);
	lcs_finish(&lcs);
	g_assert_cmpint(lcs_init(&lcs, "a", SIZE_MAX / 2, "b", 4, SIZE_MAX, NULL), ==, -EFBIG);
	lcs_finish(&lcs);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/lcs/random-texts-are-as-in-the-textbook",
		    random_texts_are_as_in_the_textbook);
	harness_add("/lcs/edges-of-words-are-as-in-the-textbook",
		    edges_of_words_are_as_in_the_textbook);
	harness_add("/lcs/too-much-is-refused", too_much_is_refused);
	return harness_run();
}
