/* SPDX-License-Identifier: MIT */
/*
 * Control characters replaced in place; the text keeps its length.
 */
#include "util/printable.h"

char *printable(char *text)
{
	for (char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == '\x7f') {
			*c = '?';
		}
	}
	return text;
}
