/* SPDX-License-Identifier: MIT */
/*
 * Text of others, made fit to be printed.
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
