/* SPDX-License-Identifier: MIT */
/*
 * Text of others that goes to a terminal or a log: a plugin's, a file's, an argument.
 */
#ifndef SHINYD_PRINTABLE_H
#define SHINYD_PRINTABLE_H

/* printable() - make @text one line: control characters become '?'; returns it */
char *printable(char *text);

#endif
