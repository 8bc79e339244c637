/* SPDX-License-Identifier: MIT */
/*
 * Glob patterns, as Redis reads them.
 *
 * Only the last '*' seen can ever need another try, so that one remembered place replaces
 * recursion, and a hostile pattern costs neither stack nor exponential time.
 *
 * Redis's own oddities are kept: an unclosed class ends with the pattern, a reversed range is
 * turned round, and no pattern but the empty one matches the empty text.
 */
#include "glob.h"

struct span {
	const char *at, *end;
};

static char fold(char c, bool nocase)
{
	return nocase && c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool in_range(char c, char first, char last)
{
	return first <= last ? c >= first && c <= last : c >= last && c <= first;
}

/* Matches @c with the class after a '['; leaves @p behind the class. */
static bool class_match(struct span *p, char c, bool nocase)
{
	bool inverse = p->at < p->end && *p->at == '^';
	bool match = false;

	p->at += inverse;
	for (; p->at < p->end && *p->at != ']'; p->at++) {
		if (*p->at == '\\' && p->end - p->at >= 2) {
			p->at++;
			match |= *p->at == c;
		} else if (p->end - p->at >= 3 && p->at[1] == '-') {
			match |= in_range(fold(c, nocase), fold(p->at[0], nocase),
					  fold(p->at[2], nocase));
			p->at += 2;
		} else {
			match |= fold(*p->at, nocase) == fold(c, nocase);
		}
	}
	p->at += p->at < p->end;
	return match != inverse;
}

/* Matches @c with the pattern's next element, which is no '*'; leaves @p behind the element. */
static bool element_match(struct span *p, char c, bool nocase)
{
	switch (*p->at++) {
	case '?':
		return true;
	case '[':
		return class_match(p, c, nocase);
	case '\\':
		if (p->at < p->end) {
			return fold(*p->at++, nocase) == fold(c, nocase);
		}
		return c == '\\';
	default:
		return fold(p->at[-1], nocase) == fold(c, nocase);
	}
}

static bool match(struct span p, struct span t, bool nocase)
{
	struct span star = { 0 }, retry = { 0 };

	if (t.at == t.end) {
		return p.at == p.end;
	}
	while (t.at < t.end) {
		if (p.at < p.end && *p.at == '*') {
			p.at++;
			star = p;
			retry = t;
		} else if (p.at < p.end && element_match(&p, *t.at, nocase)) {
			t.at++;
		} else if (star.at) {
			p = star;
			retry.at++;
			t = retry;
		} else {
			return false;
		}
	}
	while (p.at < p.end && *p.at == '*') {
		p.at++;
	}
	return p.at == p.end;
}

bool glob_match(const char *pattern, size_t pattern_len, const char *text, size_t text_len)
{
	return match((struct span){ pattern, pattern + pattern_len },
		     (struct span){ text, text + text_len }, false);
}

bool glob_match_nocase(const char *pattern, size_t pattern_len, const char *text, size_t text_len)
{
	return match((struct span){ pattern, pattern + pattern_len },
		     (struct span){ text, text + text_len }, true);
}
