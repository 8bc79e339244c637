/* SPDX-License-Identifier: MIT */
/*
 * The ini reader: a test for each thing that inih by itself gets wrong or lets pass.
 */
#include "config/ini-reader.h"
#include "harness.h"

#include <string.h>

static void note_section(void *ctx, unsigned line, const char *name)
{
	g_string_append_printf(ctx, "%u [%s]\n", line, name != NULL ? name : "?");
}

static void note_pair(void *ctx, unsigned line, const char *key, const char *value)
{
	g_string_append_printf(ctx, "%u %s=%s\n", line, key, value);
}

static void note_error(void *ctx, unsigned line, const char *text)
{
	g_string_append_printf(ctx, "%u error: %s\n", line, text);
}

static void expect_of(const char *text, size_t len, const char *expected)
{
	static const struct ini_events events = { note_section, note_pair, note_error };
	GString *events_seen = g_string_new(NULL);
	FILE *file = fmemopen((void *)text, len, "r");

	g_assert_nonnull(file);
	g_assert_cmpint(ini_read(file, &events, events_seen), ==, 0);
	g_assert_cmpstr(events_seen->str, ==, expected);
	fclose(file);
	g_string_free(events_seen, TRUE);
}

static void expect(const char *text, const char *expected)
{
	expect_of(text, strlen(text), expected);
}

static void counts_lines(void)
{
	expect("; comment\n\n[a]\n# comment\nx = 1\n\ny=2 ; why\n", "3 [a]\n5 x=1\n7 y=2\n");
}

static void reports_every_bad_line(void)
{
	expect("[a]\nwhat\nx = 1\n= 2\n[b\nand that",
	       "1 [a]\n"
	       "2 error: expected [SECTION] or KEY = VALUE\n"
	       "3 x=1\n"
	       "4 error: expected [SECTION] or KEY = VALUE\n"
	       "5 error: a section needs a closing ']'\n"
	       "5 [?]\n"
	       "6 error: expected [SECTION] or KEY = VALUE\n");
}

static void takes_no_colon_for_a_sign(void)
{
	static const char text[] = "expected KEY = VALUE, not a ':' where the '=' belongs";
	char *expected = g_strdup_printf("1 [a]\n2 error: %s\n3 error: %s\n4 error: %s\n5 x=:\n",
					 text, text, text);

	expect("[a]\nplugin : echo\ntcp://127.0.0.1:9\nlisten: a=b\nx = :\n", expected);
	g_free(expected);
}

static void does_not_join_indented_lines(void)
{
	expect("[a]\nx = 1\n  y = 2\n\tz\n",
	       "1 [a]\n2 x=1\n3 y=2\n4 error: expected [SECTION] or KEY = VALUE\n");
}

static void does_not_cut_long_lines(void)
{
	char *value = g_strnfill(190, 'v');
	char *text = g_strdup_printf("[a]\nx = %s\nxxxxxxxxxxx = %s\ny = 1\n", value, value);
	char *expected = g_strdup_printf("1 [a]\n2 x=%s\n"
					 "3 error: the line is longer than 199 bytes\n"
					 "4 y=1\n",
					 value);

	expect(text, expected);
	g_free(expected);
	g_free(text);
	g_free(value);
}

static void takes_long_comments(void)
{
	char *comment = g_strnfill(5000, '-');
	char *text = g_strdup_printf("[a]\n;%s\n   #%s\nx = 1\n", comment, comment);

	expect(text, "1 [a]\n4 x=1\n");
	g_free(text);
	g_free(comment);
}

static void does_not_cut_names(void)
{
	char *name = g_strnfill(80, 'n');
	char *text = g_strdup_printf("[%s]\n%s = 1\n", name, name);
	char *expected = g_strdup_printf("1 [%s]\n2 %s=1\n", name, name);

	expect(text, expected);
	g_free(expected);
	g_free(text);
	g_free(name);
}

static void tells_of_empty_sections(void)
{
	expect("[a]\n[b]\n[c]\nx = 1\n[d]\n", "1 [a]\n2 [b]\n3 [c]\n4 x=1\n5 [d]\n");
}

static void tells_of_equal_sections(void)
{
	expect("[a]\nx = 1\n[a]\nx = 2\n", "1 [a]\n2 x=1\n3 [a]\n4 x=2\n");
}

static void takes_nothing_after_a_section(void)
{
	expect("[a] x = 1\n[b] ; fine\n[ c ]\n",
	       "1 error: nothing but a comment may follow a section's ']'\n1 [?]\n"
	       "2 [b]\n3 [c]\n");
}

static void knows_other_line_ends(void)
{
	expect("\xef\xbb\xbf[a]\r\nx = 1\r\ny = 2", "1 [a]\n2 x=1\n3 y=2\n");
}

static void refuses_nul(void)
{
	static const char text[] = "[a]\nx = 1\0y = 2\nz = 3\n";

	expect_of(text, sizeof(text) - 1, "1 [a]\n2 error: the line holds a NUL byte\n3 z=3\n");
}

static void keeps_values_whole(void)
{
	expect("[a]\nx = tcp://[::1]:80\ny = a=b:c;d\nz =\n",
	       "1 [a]\n2 x=tcp://[::1]:80\n3 y=a=b:c;d\n4 z=\n");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/ini/line-numbers", counts_lines);
	harness_add("/ini/every-bad-line-is-reported", reports_every_bad_line);
	harness_add("/ini/a-colon-is-no-equals-sign", takes_no_colon_for_a_sign);
	harness_add("/ini/indented-lines-are-lines", does_not_join_indented_lines);
	harness_add("/ini/long-lines-are-errors", does_not_cut_long_lines);
	harness_add("/ini/long-comments-are-none", takes_long_comments);
	harness_add("/ini/long-names-are-not-cut", does_not_cut_names);
	harness_add("/ini/empty-sections-are-told", tells_of_empty_sections);
	harness_add("/ini/equal-sections-are-told-apart", tells_of_equal_sections);
	harness_add("/ini/nothing-follows-a-section", takes_nothing_after_a_section);
	harness_add("/ini/byte-order-mark-and-returns", knows_other_line_ends);
	harness_add("/ini/nul-bytes-are-errors", refuses_nul);
	harness_add("/ini/values-are-kept-whole", keeps_values_whole);
	return harness_run();
}
