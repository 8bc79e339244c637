/* SPDX-License-Identifier: MIT */
/*
 * Text of others that goes to a terminal or a log: a plugin's, a file's, an argument.
 */
#ifndef SHINYD_PRINTABLE_H
#define SHINYD_PRINTABLE_H

#include <stdio.h>

/* printable() - make @text one line: control characters become '?'; returns it */
char *printable(char *text);

/*
 * print_line() - "shinyd: TEXT", one line of printable text, to who started shinyd
 *
 * Where stderr is the journal it is told there that this is an error.
 */
void print_line(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
