/* SPDX-License-Identifier: MIT */
/*
 * Control characters replaced in place; the text keeps its length.
 */
#include "util/printable.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Those that GLib does not call control characters, and that end a line for some readers. */
#define LINE_SEPARATOR	    0x2028
#define PARAGRAPH_SEPARATOR 0x2029

static bool is_control(gunichar character)
{
	return g_unichar_iscntrl(character) || character == LINE_SEPARATOR ||
	       character == PARAGRAPH_SEPARATOR;
}

/* C1 as terminals of 8 bits have it; also how every control character in a longer form would end. */
static bool is_control_byte(unsigned char byte)
{
	return byte >= 0x80 && byte < 0xa0;
}

char *printable(char *text)
{
	char *c = text;

	while (*c != '\0') {
		gunichar character = g_utf8_get_char_validated(c, -1);
		bool is_character = character < 0x80000000;
		size_t len = is_character ? (size_t)(g_utf8_next_char(c) - c) : 1;

		if (is_character ? is_control(character) : is_control_byte((unsigned char)*c)) {
			memset(c, '?', len);
		}
		c += len;
	}
	return text;
}
