/* SPDX-License-Identifier: MIT */
/*
 * Patterns of KEYS, SCAN, CONFIG GET and COMMAND LIST.
 */
#ifndef REDIS_LITE_UTIL_GLOB_H
#define REDIS_LITE_UTIL_GLOB_H

#include <stdbool.h>
#include <stddef.h>

struct glob_class;
struct work;

/* A pattern of * ? [a-z] [^a-z] and \x, read once and matched with any number of texts. */
struct glob {
	const char *pattern, *end;
	const char *last_star; /* NULL: there is none */
	size_t width;	       /* bytes that its elements take, stars aside */
	size_t tail_width;     /* of them, those behind the last star */
	size_t tail_class;     /* long classes in front of that */
	struct glob_class *classes;
	size_t class_count;
	bool nocase;
};

/*
 * glob_init() - read a pattern
 *
 * @nocase: letters are the same in both cases, as in names of parameters. The pattern must outlive
 * the glob, for which glob_finish() is to be called also after a failure.
 *
 * Returns: 0; -ENOMEM, which needs a class of more than GLOB_SHORT_CLASS bytes.
 */
int glob_init(struct glob *glob, const char *pattern, size_t len, bool nocase);
void glob_finish(struct glob *glob);

/* A class of so many bytes is read anew each time. */
#define GLOB_SHORT_CLASS 64

/*
 * glob_match() - whether the whole text matches
 *
 * Takes time in proportion to the sum of both lengths where what stands between two stars is plain
 * bytes, and to their product at most. What it does is counted in @work, which may be NULL.
 */
bool glob_match(const struct glob *glob, const char *text, size_t len, struct work *work);

#endif
