/* SPDX-License-Identifier: MIT */
/*
 * Text of others, made fit to be printed.
 */
#include "printable.h"

#include "log.h"

#include <glib.h>
#include <stdarg.h>

char *printable(char *text)
{
	for (char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == '\x7f') {
			*c = '?';
		}
	}
	return text;
}

void print_line(FILE *to, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	fprintf(to, "%s%s\n", to == stderr ? log_stderr_head() : "shinyd: ", printable(text));
	g_free(text);
}
