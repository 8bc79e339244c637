/* SPDX-License-Identifier: MIT */
/*
 * Patterns: what Redis 7.0.15 says of them, also of odd ones; and that none takes long.
 */
#include "harness.h"
#include "util/glob.h"
#include "util/work.h"

#include <string.h>

static bool matches(const char *pattern, size_t pattern_len, const char *text, size_t len,
		    bool nocase)
{
	struct glob glob;
	bool match;

	g_assert_cmpint(glob_init(&glob, pattern, pattern_len, nocase), ==, 0);
	match = glob_match(&glob, text, len, NULL);
	glob_finish(&glob);
	return match;
}

static void matches_as_redis_does(void)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} rows[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", false }, /* Redis asks for one star before it comes here */
		{ "*", "anything", true },
		{ "a*", "a", true },
		{ "a**", "a", true },
		{ "*a", "bca", true },
		{ "*a", "bcab", false },
		{ "a*b*c", "a-b-b-c", true },
		{ "a*b*c", "a-b-b-c-", false },
		{ "h?llo", "hello", true },
		{ "h?llo", "hllo", false },
		{ "h[ae]llo", "hallo", true },
		{ "h[ae]llo", "hillo", false },
		{ "h[^e]llo", "hallo", true },
		{ "h[^e]llo", "hello", false },
		{ "h[a-c]llo", "hbllo", true },
		{ "h[c-a]llo", "hbllo", true },
		{ "h[a-c]llo", "hdllo", false },
		{ "[a-]", "-", false }, /* a range that ends with the bracket */
		{ "[a-]", "_", true },
		{ "[]a", "a", false },
		{ "[^]a", "xa", true },
		{ "[abc", "c", true },
		{ "[abc", "d", false },
		{ "[\\]]", "]", true },
		{ "[\\a-c]", "b", false },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "a\\", "a\\", true },
		{ "user:*:name", "user:1000:name", true },
		{ "user:*:name", "user:1000:names", false },
		{ "*foo*bar*", "xfoofobar", true },
		{ "A", "a", false },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (matches(rows[i].pattern, strlen(rows[i].pattern), rows[i].text,
			    strlen(rows[i].text), false) != rows[i].match) {
			harness_fail("pattern '%s', text '%s'", rows[i].pattern, rows[i].text);
		}
	}
}

static void nocase_folds_letters(void)
{
	g_assert_true(matches("APPEND*", 7, "appendonly", 10, true));
	g_assert_true(matches("[A-C]x", 6, "bX", 2, true));
	g_assert_false(matches("b", 1, "a", 1, true));
	g_assert_false(matches("[Z-a]", 5, "b", 1, true)); /* turned round before it is folded */
	g_assert_false(matches("[\\A]", 4, "a", 1, true));
}

/*
 * What Redis does, written as it does it: element by element, each star tried at each place.
 */
struct reading {
	const char *p, *end;
	bool nocase;
};

static char lower(const struct reading *reading, char c)
{
	return reading->nocase ? g_ascii_tolower(c) : c;
}

/* Reads the class behind a '[', and whether @c is in it. */
static bool takes_in_class(struct reading *reading, char c)
{
	bool inverse = reading->p < reading->end && *reading->p == '^', found = false;

	reading->p += inverse;
	while (reading->p < reading->end && *reading->p != ']') {
		const char *p = reading->p;

		if (*p == '\\' && reading->end - p >= 2) {
			found |= p[1] == c;
			reading->p += 2;
		} else if (reading->end - p >= 3 && p[1] == '-') {
			char low = lower(reading, MIN(p[0], p[2]));
			char high = lower(reading, MAX(p[0], p[2]));

			found |= low <= lower(reading, c) && lower(reading, c) <= high;
			reading->p += 3;
		} else {
			found |= lower(reading, *p) == lower(reading, c);
			reading->p++;
		}
	}
	reading->p += reading->p < reading->end;
	return found != inverse;
}

static bool takes(struct reading *reading, char c)
{
	char element = *reading->p++;

	if (element == '?') {
		return true;
	}
	if (element == '[') {
		return takes_in_class(reading, c);
	}
	if (element == '\\' && reading->p < reading->end) {
		element = *reading->p++;
	}
	return lower(reading, element) == lower(reading, c);
}

static bool redis_matches(struct reading reading, const char *text, size_t len)
{
	bool any = len == 0;

	while (reading.p < reading.end && len > 0) {
		if (*reading.p == '*') {
			reading.p++;
			for (size_t i = 0; i < len; i++) {
				if (redis_matches(reading, text + i, len - i)) {
					return true;
				}
			}
			return reading.p == reading.end;
		}
		if (!takes(&reading, *text)) {
			return false;
		}
		text++;
		len--;
	}
	while (!any && len == 0 && reading.p < reading.end && *reading.p == '*') {
		reading.p++;
	}
	return reading.p == reading.end && len == 0;
}

/* Letters of both cases, those that mean something, and two that are negative as a char. */
static const char alphabet[] = "aabbAB--c***?[[]]^\\\xe9\x80";

static void put_random(GString *string, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		g_string_append_c(string, alphabet[g_test_rand_int_range(0, sizeof(alphabet) - 1)]);
	}
}

/* Sometimes with a class that is long enough to be read once. */
static void make_pattern(GString *pattern)
{
	g_string_truncate(pattern, 0);
	put_random(pattern, (size_t)g_test_rand_int_range(0, 12));
	if (g_test_rand_int_range(0, 3) == 0) {
		g_string_append(pattern, g_test_rand_bit() ? "[" : "[^");
		put_random(pattern, (size_t)g_test_rand_int_range(0, 2 * GLOB_SHORT_CLASS));
		for (size_t i = 0; i < GLOB_SHORT_CLASS; i++) {
			g_string_append_c(pattern, 'c');
		}
		put_random(pattern, (size_t)g_test_rand_int_range(0, 8));
	}
}

#define RANDOM_PATTERNS 5000
#define RANDOM_TEXTS	8

static void random_patterns_match_as_in_redis(void)
{
	GString *pattern = g_string_new(""), *text = g_string_new("");
	unsigned matched = 0;

	for (unsigned i = 0; i < RANDOM_PATTERNS * RANDOM_TEXTS; i++) {
		bool nocase = g_test_rand_bit(), match;

		if (i % RANDOM_TEXTS == 0) {
			make_pattern(pattern);
		}
		g_string_truncate(text, 0);
		put_random(text, (size_t)g_test_rand_int_range(0, 8));
		match = matches(pattern->str, pattern->len, text->str, text->len, nocase);
		matched += match;
		if (match != redis_matches((struct reading){ pattern->str,
							     pattern->str + pattern->len, nocase },
					   text->str, text->len)) {
			harness_fail("pattern '%s', text '%s', nocase %d", pattern->str, text->str,
				     nocase);
		}
	}
	g_assert_cmpuint(matched, >, RANDOM_PATTERNS * RANDOM_TEXTS / 100);
	g_string_free(pattern, true);
	g_string_free(text, true);
}

static char *repeated(const char *before, const char *what, size_t count, const char *behind)
{
	GString *string = g_string_new(before);

	for (size_t i = 0; i < count; i++) {
		g_string_append(string, what);
	}
	g_string_append(string, behind);
	return g_string_free(string, false);
}

/* The work of matching a text of so many a, in bytes. */
static size_t work_of(char *pattern, size_t count, bool expected)
{
	char *text = repeated("", "a", count, "");
	struct work work = { .left = SIZE_MAX };
	struct glob glob;

	g_assert_cmpint(glob_init(&glob, pattern, strlen(pattern), false), ==, 0);
	g_assert_cmpint(glob_match(&glob, text, count, &work), ==, expected);
	glob_finish(&glob);
	g_free(pattern);
	g_free(text);
	return SIZE_MAX - work.left;
}

/* Each of these takes minutes if it is matched as it is written. */
static void no_pattern_takes_more_than_both_lengths(void)
{
	const size_t len = 1000000;

	g_assert_cmpuint(work_of(repeated("*[", "z", len, "]"), len, false), <, 4 * len);
	g_assert_cmpuint(work_of(repeated("*[^a", "z", len, "]"), len, false), <, 4 * len);
	g_assert_cmpuint(work_of(repeated("*[^a", "z", len, "]*"), len, false), <, 16 * len);
	g_assert_cmpuint(work_of(repeated("*", "a", len / 2, "b"), len, false), <, 4 * len);
	g_assert_cmpuint(work_of(repeated("*", "a", len / 2, "b*"), len, false), <, 4 * len);
	g_assert_cmpuint(work_of(repeated("", "a*", len / 3, "b"), len, false), <, 4 * len);
	g_assert_cmpuint(work_of(repeated("", "a*", len / 3, ""), len, true), <, 4 * len);
	g_assert_cmpuint(work_of(repeated("", "*?", len / 3, ""), len, true), <, 16 * len);
	g_assert_cmpuint(work_of(repeated("", "*?", len, "?"), len, false), <, 16 * len);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/glob/matches-as-redis-does", matches_as_redis_does);
	harness_add("/glob/nocase-folds-letters", nocase_folds_letters);
	harness_add("/glob/random-patterns-match-as-in-redis", random_patterns_match_as_in_redis);
	harness_add("/glob/no-pattern-takes-more-than-both-lengths",
		    no_pattern_takes_more_than_both_lengths);
	return harness_run();
}
