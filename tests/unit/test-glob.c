/* SPDX-License-Identifier: MIT */
#include "glob.h"
#include "harness.h"

#include <string.h>

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
		if (glob_match(rows[i].pattern, strlen(rows[i].pattern), rows[i].text,
			       strlen(rows[i].text)) != rows[i].match) {
			harness_fail("pattern '%s', text '%s'", rows[i].pattern, rows[i].text);
		}
	}
}

static void nocase_folds_letters(void)
{
	g_assert_true(glob_match_nocase("APPEND*", 7, "appendonly", 10));
	g_assert_true(glob_match_nocase("[A-C]x", 6, "bX", 2));
	g_assert_false(glob_match_nocase("b", 1, "a", 1));
}

static void a_hostile_pattern_ends_soon(void)
{
	GString *pattern = g_string_new("");
	GString *text = g_string_new("");

	for (int i = 0; i < 1000; i++) {
		g_string_append(pattern, "a*");
		g_string_append(text, "aaaaaaaaaa");
	}
	g_string_append_c(pattern, 'b');
	g_assert_false(glob_match(pattern->str, pattern->len, text->str, text->len));
	g_string_free(pattern, true);
	g_string_free(text, true);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/glob/matches-as-redis-does", matches_as_redis_does);
	harness_add("/glob/nocase-folds-letters", nocase_folds_letters);
	harness_add("/glob/a-hostile-pattern-ends-soon", a_hostile_pattern_ends_soon);
	return harness_run();
}
