/* SPDX-License-Identifier: MIT */
/*
 * Values that are lists: taken apart by the word, and put together again.
 */
#include "config/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct config_words config_words(char *text)
{
	struct config_words words = { text, *text != '\0' };

	for (char *p = text; (p = strchr(p, ' ')); words.count++) {
		*p++ = '\0';
	}
	return words;
}

const char *config_word(struct config_words *words)
{
	const char *word = words->next;

	words->next += strlen(word) + 1;
	words->count--;
	return word;
}

void config_text_add(struct config_text *text, const char *format, ...)
{
	va_list args;

	if (text->len > 0 && config_text_is_whole(text)) {
		text->data[text->len++] = ' ';
	}
	if (config_text_is_whole(text)) {
		va_start(args, format);
		text->len += (size_t)vsnprintf(text->data + text->len,
					       sizeof(text->data) - text->len, format, args);
		va_end(args);
	}
}
