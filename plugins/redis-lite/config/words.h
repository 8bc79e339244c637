/* SPDX-License-Identifier: MIT */
/*
 * Values that are lists of words, such as those of save: divided on their way in, put together on
 * their way out.
 */
#ifndef REDIS_LITE_CONFIG_WORDS_H
#define REDIS_LITE_CONFIG_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Room for a value as text, with what ends it. */
#define CONFIG_TEXT_MAX 4096

/* The words of a value, which single blanks divide. */
struct config_words {
	const char *next;
	size_t count;
};

/* config_words() - divide a text, in its place; an empty one has no words */
struct config_words config_words(char *text);

/* config_word() - take the next one, of which there must be one */
const char *config_word(struct config_words *words);

/* A value that is put together; zeroed: empty. */
struct config_text {
	size_t len; /* if there is no room for so many, it is not whole */
	char data[CONFIG_TEXT_MAX];
};

/* config_text_add() - print to it, with a blank behind what is there */
__attribute__((format(printf, 2, 3))) void config_text_add(struct config_text *text,
							   const char *format, ...);

/* config_text_is_whole() - whether there was room for all */
static inline bool config_text_is_whole(const struct config_text *text)
{
	return text->len < sizeof(text->data);
}

#endif
