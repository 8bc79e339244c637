/* SPDX-License-Identifier: MIT */
#ifndef REDIS_LITE_GLOB_H
#define REDIS_LITE_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * glob_match() - whether the whole text matches a pattern of * ? [a-z] [^a-z] and \x
 *
 * Takes time in proportion to @pattern_len * @text_len at most, and constant stack.
 */
bool glob_match(const char *pattern, size_t pattern_len, const char *text, size_t text_len);

/* The same for words that are not case sensitive: names of parameters. */
bool glob_match_nocase(const char *pattern, size_t pattern_len, const char *text, size_t text_len);

#endif
