/* SPDX-License-Identifier: MIT */
/*
 * Text of others, made fit to be printed.
 */
#include "harness.h"
#include "util/printable.h"

#include <string.h>

static void expect(const char *text, const char *expected)
{
	char *copy = g_strdup(text);

	g_assert_cmpstr(printable(copy), ==, expected);
	g_free(copy);
}

static void replaces_control_characters(void)
{
	expect("a\nb\tc\rd\x1b[2J\x7f", "a?b?c?d?[2J?");
}

/* CSI is one character there, which terminals take for ESC [. */
static void replaces_those_of_utf8(void)
{
	expect("a\xc2\x9b"
	       "2Jb",
	       "a??2Jb");
	expect("\xc2\x80\xc2\x9f\xc2\xa0", "????\xc2\xa0");
	expect("a\xc2\x85"
	       "b\xe2\x80\xa8"
	       "c\xe2\x80\xa9"
	       "d",
	       "a??b???c???d");
}

/* Names of files need not be UTF-8. */
static void leaves_other_bytes_alone(void)
{
	expect("a\x9b"
	       "2J",
	       "a?2J");
	expect("gr\xfc\xdf"
	       "e",
	       "gr\xfc\xdf"
	       "e");
	expect("cut \xc3", "cut \xc3");
}

/* A newline and an escape in more bytes than they need, which careless decoders take. */
static void breaks_control_characters_in_longer_forms(void)
{
	expect("\xc0\x8a\xc0\x9b", "\xc0?\xc0?");
	expect("\xe0\x80\x8a\xf0\x80\x80\x9b", "\xe0??\xf0???");
	expect("cut \xe2\x82\n", "cut \xe2??");
}

static void leaves_text_alone(void)
{
	expect("", "");
	expect("gr\xc3\xbc\xc3\x9f"
	       "e, \xe2\x82\xac 1 \xf0\x9f\x99\x82",
	       "gr\xc3\xbc\xc3\x9f"
	       "e, \xe2\x82\xac 1 \xf0\x9f\x99\x82");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/printable/control-characters-are-replaced", replaces_control_characters);
	harness_add("/printable/those-of-utf8-are-replaced", replaces_those_of_utf8);
	harness_add("/printable/other-bytes-are-left-alone", leaves_other_bytes_alone);
	harness_add("/printable/control-characters-in-longer-forms-are-broken",
		    breaks_control_characters_in_longer_forms);
	harness_add("/printable/text-is-left-alone", leaves_text_alone);
	return harness_run();
}
