/* SPDX-License-Identifier: MIT */
/*
 * Text from elsewhere on its way to a terminal or a log: a plugin's, a file's, an argument.
 *
 * Everything that prints such text passes it through here, so that no control character gets out.
 */
#ifndef SHINYD_PRINTABLE_H
#define SHINYD_PRINTABLE_H

/* printable() - make @text one line: control characters become '?'; returns it */
char *printable(char *text);

#endif
