/* SPDX-License-Identifier: MIT */
/*
 * Text from elsewhere on its way to a terminal or a log: a plugin's, a file's, an argument.
 *
 * Everything that prints such text passes it through here, so that no control character gets out.
 */
#ifndef SHINYD_PRINTABLE_H
#define SHINYD_PRINTABLE_H

/*
 * printable() - make @text one line of UTF-8; returns it
 *
 * Control characters, those of UTF-8 (C1) and its line separators included, and bytes that are no
 * UTF-8 become '?', one for each byte.
 */
char *printable(char *text);

#endif
