/* SPDX-License-Identifier: MIT */
/*
 * Glob patterns, as Redis reads them.
 *
 * Each element but the star takes one byte. So what stands behind the last star can match in one
 * place only, the text's end; and of what stands between two stars the first match in the text is as
 * good as any, which needs no recursion.
 *
 * A class may be as long as the pattern. Long ones are turned into sets once, lest they be read for
 * each byte of each text.
 *
 * Redis's own oddities are kept: an unclosed class ends with the pattern, a reversed range is turned
 * round, an escaped byte of a class has its case, and no pattern but the empty one matches the empty
 * text.
 */
#include "util/glob.h"
#include "util/work.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BYTES (UCHAR_MAX + 1)

/* A long class, and where it stands: behind its '[', and behind its end. */
struct glob_class {
	const char *at, *end;
	uint64_t set[BYTES / 64];
};

/* Where matching is in the pattern. */
struct place {
	const char *at;
	size_t class_index; /* of the next long class */
};

/* One part of a class: a byte, or a range. */
struct item {
	char first, last;
	bool exact; /* escaped: its case counts */
};

static char fold(char c, bool nocase)
{
	return nocase && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Reads the next part of a class; false at its end, with *@p behind it. */
static bool next_item(const char **p, const char *end, struct item *ret_item)
{
	const char *at = *p;

	if (at == end || *at == ']') {
		*p += at < end;
		return false;
	}
	if (*at == '\\' && end - at >= 2) {
		*ret_item = (struct item){ at[1], at[1], true };
		*p += 2;
	} else if (end - at >= 3 && at[1] == '-') {
		bool reversed = at[0] > at[2];

		*ret_item = (struct item){ at[reversed ? 2 : 0], at[reversed ? 0 : 2], false };
		*p += 3;
	} else {
		*ret_item = (struct item){ *at, *at, false };
		*p += 1;
	}
	return true;
}

static bool begins_inverse(const char *p, const char *end)
{
	return p < end && *p == '^';
}

static const char *class_end(const char *p, const char *end)
{
	struct item item;

	p += begins_inverse(p, end);
	while (next_item(&p, end, &item)) {
	}
	return p;
}

/* The place behind the element at @p. */
static const char *element_end(const char *p, const char *end)
{
	if (*p == '[') {
		return class_end(p + 1, end);
	}
	return p + (*p == '\\' && end - p >= 2 ? 2 : 1);
}

/* Matches @c with the class behind a '['; leaves *@p behind the class. */
static bool class_match(const char **p, const char *end, char c, bool nocase)
{
	bool inverse = begins_inverse(*p, end), match = false;
	char folded = fold(c, nocase);
	struct item item;

	*p += inverse;
	while (next_item(p, end, &item)) {
		match |= item.exact ? c == item.first
				    : folded >= fold(item.first, nocase) &&
					      folded <= fold(item.last, nocase);
	}
	return match != inverse;
}

static void read_class(struct glob_class *class, const char *p, const char *end, bool nocase)
{
	bool inverse = begins_inverse(p, end), exact[BYTES] = { false };
	int64_t begins[BYTES + 1] = { 0 }; /* ranges that begin at a byte, less those that ended */
	int64_t open = 0;
	struct item item;

	*class = (struct glob_class){ .at = p };
	p += inverse;
	while (next_item(&p, end, &item)) {
		int first = fold(item.first, nocase), last = fold(item.last, nocase);

		if (item.exact) {
			exact[(unsigned char)item.first] = true;
		} else if (first <= last) {
			begins[first - CHAR_MIN]++;
			begins[last - CHAR_MIN + 1]--;
		}
	}
	class->end = p;

	bool ranged[BYTES];
	for (int i = 0; i < BYTES; i++) {
		open += begins[i];
		ranged[(unsigned char)(i + CHAR_MIN)] = open > 0;
	}
	for (unsigned i = 0; i < BYTES; i++) {
		unsigned char folded = (unsigned char)fold((char)i, nocase);

		if ((exact[i] || ranged[folded]) != inverse) {
			class->set[i / 64] |= UINT64_C(1) << i % 64;
		}
	}
}

/* As class_match(), for one that was read before. */
static bool long_class_match(const struct glob_class *class, const char **p, char c)
{
	unsigned char byte = (unsigned char)c;

	*p = class->end;
	return class->set[byte / 64] >> byte % 64 & 1;
}

static bool is_long_class(const char *p, const char *end)
{
	return *p == '[' && end - p > GLOB_SHORT_CLASS;
}

/* What is to be known of a pattern before its classes are read. */
static void measure(struct glob *glob)
{
	const char *p = glob->pattern;

	while (p < glob->end) {
		const char *next = element_end(p, glob->end);

		if (*p == '*') {
			glob->last_star = p;
			glob->tail_width = 0;
			glob->tail_class = glob->class_count;
		} else {
			glob->width++;
			glob->tail_width++;
			glob->class_count += is_long_class(p, next);
		}
		p = next;
	}
}

int glob_init(struct glob *glob, const char *pattern, size_t len, bool nocase)
{
	struct glob_class *class;

	*glob = (struct glob){ .pattern = pattern, .end = pattern + len, .nocase = nocase };
	measure(glob);
	if (glob->class_count == 0) {
		return 0;
	}
	glob->classes = class = malloc(glob->class_count * sizeof(*class));
	if (!class) {
		return -ENOMEM;
	}
	for (const char *p = pattern, *next; p < glob->end; p = next) {
		next = element_end(p, glob->end);
		if (is_long_class(p, next)) {
			read_class(class ++, p + 1, glob->end, nocase);
		}
	}
	return 0;
}

void glob_finish(struct glob *glob)
{
	free(glob->classes);
}

/* Matches @c with the element at @p, which is no '*'; leaves @p behind the element. */
static bool element_match(const struct glob *glob, struct place *p, char c)
{
	switch (*p->at++) {
	case '?':
		return true;
	case '[':
		if (p->class_index < glob->class_count &&
		    p->at == glob->classes[p->class_index].at) {
			return long_class_match(&glob->classes[p->class_index++], &p->at, c);
		}
		return class_match(&p->at, glob->end, c, glob->nocase);
	case '\\':
		p->at += p->at < glob->end;
		break;
	}
	return fold(p->at[-1], glob->nocase) == fold(c, glob->nocase);
}

/* Matches the elements from @p to the pattern's end, of which there are as many as bytes. */
static bool match_tail(const struct glob *glob, struct place p, const char *text)
{
	while (p.at < glob->end) {
		if (!element_match(glob, &p, *text++)) {
			return false;
		}
	}
	return true;
}

/* How many plain bytes stand between @p and the next star; 0 if anything else does. */
static size_t plain_length(const struct glob *glob, const char *p)
{
	size_t len = 0;

	while (p[len] != '*') {
		if (p[len] == '?' || p[len] == '[' || p[len] == '\\') {
			return 0;
		}
		len++;
	}
	return glob->nocase ? 0 : len;
}

/* Matches what stands in front of the last star with the beginning of the text. */
static bool match_head(const struct glob *glob, const char *text, const char *end,
		       struct work *work)
{
	struct place p = { glob->pattern, 0 }, star = { NULL, 0 };
	const char *retry = text;

	while (p.at < glob->last_star) {
		if (*p.at == '*') {
			size_t len = plain_length(glob, ++p.at);

			if (len > 0) {
				const char *found = memmem(text, (size_t)(end - text), p.at, len);

				work_add(work, (size_t)((found ? found : end) - text));
				if (!found) {
					return false;
				}
				text = found + len;
				p.at += len;
			}
			star = p;
			retry = text;
		} else if (text == end) {
			return false;
		} else if (element_match(glob, &p, *text)) {
			text++;
		} else if (star.at) {
			work_add(work, 8 * (size_t)(text - retry));
			p = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	return true;
}

bool glob_match(const struct glob *glob, const char *text, size_t len, struct work *work)
{
	if (len == 0) {
		return glob->pattern == glob->end;
	}
	if (len < glob->width || (!glob->last_star && len > glob->width)) {
		return false;
	}
	work_add(work, glob->tail_width);
	if (!glob->last_star) {
		return match_tail(glob, (struct place){ glob->pattern, 0 }, text);
	}
	const char *tail = text + len - glob->tail_width;
	return match_tail(glob, (struct place){ glob->last_star + 1, glob->tail_class }, tail) &&
	       match_head(glob, text, tail, work);
}
