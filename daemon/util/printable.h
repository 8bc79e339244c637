/* SPDX-License-Identifier: MIT */
/*
 * Text from elsewhere on its way to a terminal or a log: a plugin's, a file's, an argument.
 *
 * Everything that prints such text passes it through here, so that no control character gets out.
 */
#ifndef SHINYD_PRINTABLE_H
#define SHINYD_PRINTABLE_H

/*
 * printable() - make @text one line without control characters; returns it
 *
 * Control characters, those of UTF-8 (C1) and its line separators included, become '?', one for each
 * byte. Other bytes that are no UTF-8 stay, as names of files may have them: a configuration that is
 * dumped can be read again.
 */
char *printable(char *text);

#endif
