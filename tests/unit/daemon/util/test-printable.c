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

static void replaces_what_is_no_utf8(void)
{
	expect("a\x9b"
	       "2J",
	       "a?2J");
	expect("\xff\xc0\x8a\xed\xa0\x80", "??????");
	expect("cut \xc3", "cut ?");
	expect("cut \xe2\x82\n", "cut ???");
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
	harness_add("/printable/what-is-no-utf8-is-replaced", replaces_what_is_no_utf8);
	harness_add("/printable/text-is-left-alone", leaves_text_alone);
	return harness_run();
}
