/* SPDX-License-Identifier: MIT */
/*
 * The wire protocol's requests: an array of bulk strings, or one line of words.
 *
 * Nothing is copied, allocated or remembered: a request is found whole or not at all, and one that
 * is cut short says how many bytes it takes at least. What Redis tolerates is tolerated (the two
 * bytes behind a bulk string are skipped unseen), and what it refuses is refused in its words. In a
 * file nothing is tolerated that is not written there.
 */
#include "shiny-resp.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* "$0\r\n\r\n" */
#define ARG_MIN 6

/* Up to so many missing arguments are looked for at each new byte, so that a wrong one is refused
 * at once; more are awaited together, lest a long request be parsed for each of its packets. */
#define ARGS_EAGER 64

enum line_status {
	LINE_WHOLE,
	LINE_CUT,
	LINE_WRONG,
};

static size_t lower(size_t limit, size_t most)
{
	return limit && limit < most ? limit : most;
}

static size_t line_max(const struct shiny_resp_parser *parser)
{
	return parser->limits ? lower(parser->limits->line, SHINY_RESP_LINE_MAX)
			      : SHINY_RESP_LINE_MAX;
}

static size_t bulk_max(const struct shiny_resp_parser *parser)
{
	return parser->limits ? lower(parser->limits->bulk, SHINY_RESP_BULK_MAX)
			      : SHINY_RESP_BULK_MAX;
}

static size_t args_max(const struct shiny_resp_parser *parser)
{
	return parser->limits ? lower(parser->limits->args, SHINY_RESP_ARGS_MAX)
			      : SHINY_RESP_ARGS_MAX;
}

static enum shiny_resp_status refuse(struct shiny_resp_parser *parser, const char *why)
{
	snprintf(parser->error, sizeof(parser->error), "%s", why);
	return SHINY_RESP_ERROR;
}

/* A number that @always was too large, or is by the parser's limits. */
static enum shiny_resp_status refuse_size(struct shiny_resp_parser *parser, bool always,
					  const char *what)
{
	bool unauthenticated = !always && parser->limits && parser->limits->unauthenticated;

	snprintf(parser->error, sizeof(parser->error), "%s %s",
		 unauthenticated ? "unauthenticated" : "invalid", what);
	return SHINY_RESP_ERROR;
}

static enum shiny_resp_status await(struct shiny_resp_parser *parser, size_t want)
{
	parser->want = want;
	return SHINY_RESP_MORE;
}

static enum shiny_resp_status lack(struct shiny_resp_parser *parser, size_t want, bool is_line)
{
	parser->want = want;
	parser->is_line = is_line;
	return SHINY_RESP_ROOM;
}

/* Whether a line that ends too early begins as that of a number in [@least, @most], in its one
 * spelling. */
static bool begins_length(const char *line, const char *end, int64_t least, int64_t most)
{
	int64_t value;

	if (line == end) {
		return true;
	}
	if (end - line > 1 && end[-1] == '\r') {
		end--;
	}
	return shiny_resp_parse_integer(line, (size_t)(end - line), &value) && value >= least &&
	       value <= most;
}

/* Reads the number between a type byte, at which *@p points, and a line's end; leaves *@p behind
 * it. In a file it is in [@least, @most]. */
static enum line_status length_line(struct shiny_resp_parser *parser, const char **p,
				    const char *end, int64_t least, int64_t most,
				    int64_t *ret_value)
{
	const char *line = *p + 1;
	const char *cr = memchr(line, '\r', (size_t)(end - line));

	if (!cr || end - cr < 2) {
		return parser->strict && !begins_length(line, end, least, most) ? LINE_WRONG
										: LINE_CUT;
	}
	parser->exact = parser->exact && cr[1] == '\n';
	if (!shiny_resp_parse_integer(line, (size_t)(cr - line), ret_value) ||
	    (parser->strict && !parser->exact)) {
		return LINE_WRONG;
	}
	*p = cr + 2;
	return LINE_WHOLE;
}

/* The line at @p has no end yet. */
static enum shiny_resp_status cut_line(struct shiny_resp_parser *parser, const char *data,
				       const char *p, const char *end, const char *why)
{
	if ((size_t)(end - p) > line_max(parser) && !memchr(p, '\r', (size_t)(end - p))) {
		return refuse(parser, why);
	}
	return await(parser, (size_t)(end - data) + 1);
}

static enum shiny_resp_status no_bulk(struct shiny_resp_parser *parser, const char *data,
				      const char *p, const char *end)
{
	/* Redis looks for the line's end before it looks at the line; in a file it is known by its
	 * beginning. */
	if (!parser->strict && !memchr(p, '\r', (size_t)(end - p))) {
		return cut_line(parser, data, p, end, "too big bulk count string");
	}
	snprintf(parser->error, sizeof(parser->error), "expected '$', got '%c'", *p);
	return SHINY_RESP_ERROR;
}

/* At least so many bytes make the request whole, of which @known are sure and @missing arguments
 * not yet seen. More than there can be in memory are the most that there can be. */
static size_t least(uint64_t known, size_t have, size_t missing)
{
	if (missing > ARGS_EAGER) {
		known += (uint64_t)missing * ARG_MIN;
	}
	if (known <= have) {
		return have + 1;
	}
	return known == (size_t)known ? (size_t)known : SIZE_MAX;
}

/* Reads the bulk string at *@p, behind which @missing more arguments are to come; leaves *@p behind
 * it. */
static enum shiny_resp_status parse_bulk(struct shiny_resp_parser *parser, const char *data,
					 const char **p, const char *end, size_t missing,
					 struct shiny_resp_arg *ret_arg)
{
	size_t len = (size_t)(end - data);
	int64_t size;

	if (*p >= end) {
		return await(parser, least((uint64_t)(*p - data), len, missing + 1));
	}
	if (**p != '$') {
		return no_bulk(parser, data, *p, end);
	}
	switch (length_line(parser, p, end, 0, SHINY_RESP_BULK_MAX, &size)) {
	case LINE_WHOLE:
		break;
	case LINE_CUT:
		return cut_line(parser, data, *p, end, "too big bulk count string");
	case LINE_WRONG:
		return refuse(parser, "invalid bulk length");
	}
	if (size < 0 || (uint64_t)size > bulk_max(parser)) {
		return refuse_size(parser, size < 0 || (uint64_t)size > SHINY_RESP_BULK_MAX,
				   "bulk length");
	}
	if (parser->strict && end - *p == size + 1 && (*p)[size] != '\r') {
		return refuse(parser, "no line end behind a bulk string");
	}
	if (end - *p < size + 2) {
		uint64_t known = (uint64_t)(*p - data) + (uint64_t)size + 2;

		return await(parser, least(known, len, missing));
	}
	parser->exact = parser->exact && memcmp(*p + size, "\r\n", 2) == 0;
	if (parser->strict && !parser->exact) {
		return refuse(parser, "no line end behind a bulk string");
	}
	*ret_arg = (struct shiny_resp_arg){ *p, (size_t)size };
	*p += size + 2;
	return SHINY_RESP_COMPLETE;
}

/* Of @count arguments as many as can be there: what a peer announces alone takes no memory. */
static size_t args_within(const struct shiny_resp_parser *parser, size_t count, const char *p,
			  const char *end)
{
	size_t most = parser->room + 1 + (size_t)(end - p) / ARG_MIN;

	return count < most ? count : most;
}

static enum shiny_resp_status parse_array(struct shiny_resp_parser *parser, const char *data,
					  size_t len)
{
	const char *p = data, *end = data + len;
	int64_t count;

	switch (length_line(parser, &p, end, 1, SHINY_RESP_ARGS_MAX, &count)) {
	case LINE_WHOLE:
		break;
	case LINE_CUT:
		return cut_line(parser, data, p, end, "too big mbulk count string");
	case LINE_WRONG:
		return refuse(parser, "invalid multibulk length");
	}
	if (count > (int64_t)args_max(parser) || (parser->strict && count < 1)) {
		return refuse_size(parser, count > SHINY_RESP_ARGS_MAX || count < 1,
				   "multibulk length");
	}
	for (int64_t i = 0; i < count; i++) {
		size_t missing = (size_t)(count - i - 1);
		struct shiny_resp_arg arg;
		enum shiny_resp_status status = parse_bulk(parser, data, &p, end, missing, &arg);

		if (status != SHINY_RESP_COMPLETE) {
			return status;
		}
		if ((size_t)i == parser->room) {
			return lack(parser, args_within(parser, (size_t)count, p, end), false);
		}
		parser->args[i] = arg;
		if ((i + 1) % SHINY_RESP_PROGRESS_ARGS == 0 && parser->progress) {
			parser->progress(parser->progress_ctx);
		}
	}
	parser->argc = count > 0 ? (size_t)count : 0;
	parser->used = (size_t)(p - data);
	return count > 0 ? SHINY_RESP_COMPLETE : SHINY_RESP_EMPTY;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Redis skips these two between words, but takes them for part of one. */
static bool ends_word(char c)
{
	return is_space(c) && c != '\v' && c != '\f';
}

/* The rest of a word without quotes goes on. All bytes that end it are at most a quote. */
static inline bool is_plain(char c)
{
	return (unsigned char)c > '\'' || (!ends_word(c) && c != '"' && c != '\'');
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the escape at @p, which is a backslash with at least one byte behind it; returns its last
 * byte. */
static const char *unescape(const char *p, const char *end, char *ret_byte)
{
	static const char codes[] = {
		['n'] = '\n', ['r'] = '\r', ['t'] = '\t', ['b'] = '\b', ['a'] = '\a'
	};
	unsigned char c = (unsigned char)p[1];

	if (c == 'x' && end - p >= 4 && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
		*ret_byte = (char)(hex_digit(p[2]) * 16 + hex_digit(p[3]));
		return p + 3;
	}
	*ret_byte = c < sizeof(codes) && codes[c] ? codes[c] : (char)c;
	return p + 1;
}

/* Reads a word that may hold quoted parts into *@to; returns its end, or NULL for quotes that do
 * not balance. A closing quote ends the word, and only a blank may follow it. */
static const char *quoted_word(const char *p, const char *end, char **to)
{
	char quote = 0;

	for (; p < end; p++) {
		if (quote == '"' && *p == '\\' && end - p >= 2) {
			p = unescape(p, end, (*to)++);
		} else if (quote == '\'' && *p == '\\' && end - p >= 2 && p[1] == '\'') {
			*(*to)++ = *++p;
		} else if (quote && *p == quote) {
			return p + 1 == end || is_space(p[1]) ? p + 1 : NULL;
		} else if (!quote && (*p == '"' || *p == '\'')) {
			quote = *p;
		} else if (!quote && ends_word(*p)) {
			return p;
		} else {
			*(*to)++ = *p;
		}
	}
	return quote ? NULL : p;
}

/* Reads the word at @p; returns its end, or NULL as quoted_word(). */
static const char *word(struct shiny_resp_parser *parser, const char *p, const char *end,
			struct shiny_resp_arg *ret_arg)
{
	const char *start = p;

	while (p < end && is_plain(*p)) {
		p++;
	}
	if (p == end || ends_word(*p)) {
		*ret_arg = (struct shiny_resp_arg){ start, (size_t)(p - start) };
		return p;
	}

	char *to = parser->text + parser->text_used, *from = to;
	p = quoted_word(start, end, &to);
	*ret_arg = (struct shiny_resp_arg){ from, (size_t)(to - from) };
	parser->text_used += ret_arg->len;
	return p;
}

static enum shiny_resp_status parse_words(struct shiny_resp_parser *parser, const char *p,
					  const char *end)
{
	for (parser->argc = 0;; parser->argc++) {
		struct shiny_resp_arg arg;

		while (p < end && is_space(*p)) {
			p++;
		}
		if (p == end) {
			return parser->argc ? SHINY_RESP_COMPLETE : SHINY_RESP_EMPTY;
		}
		if (parser->argc == parser->room) {
			return lack(parser, parser->room ? 2 * parser->room : 1, false);
		}
		p = word(parser, p, end, &arg);
		if (!p) {
			return refuse(parser, "unbalanced quotes in request");
		}
		if (arg.len > bulk_max(parser)) {
			return refuse_size(parser, false, "bulk length");
		}
		parser->args[parser->argc] = arg;
	}
}

static enum shiny_resp_status parse_line(struct shiny_resp_parser *parser, const char *data,
					 size_t len)
{
	const char *newline = memchr(data, '\n', len), *end = newline;
	enum shiny_resp_status status;

	if (!newline) {
		return len > line_max(parser) ? refuse(parser, "too big inline request")
					      : await(parser, len + 1);
	}
	if (end > data && end[-1] == '\r') {
		end--;
	}
	if ((size_t)(end - data) > parser->text_room) {
		return lack(parser, (size_t)(end - data), true);
	}
	status = parse_words(parser, data, end);
	parser->used = (size_t)(newline + 1 - data);
	return status;
}

static bool is_text(const char *p, const char *end)
{
	if (end > p && end[-1] == '\r') {
		end--;
	}
	while (p < end && ((*p >= ' ' && *p <= '~') || *p == '\t')) {
		p++;
	}
	return p == end;
}

/* What redis-server writes into its file with aof-timestamp-enabled: a line that says nothing. */
static enum shiny_resp_status parse_annotation(struct shiny_resp_parser *parser, const char *data,
					       size_t len)
{
	const char *newline = memchr(data, '\n', len);

	if (!is_text(data, newline ? newline : data + len)) {
		return refuse(parser, "an annotation that is no text");
	}
	if (!newline) {
		return cut_line(parser, data, data, data + len, "too big annotation");
	}
	parser->argc = 0;
	parser->used = (size_t)(newline + 1 - data);
	return SHINY_RESP_EMPTY;
}

static enum shiny_resp_status parse_strict(struct shiny_resp_parser *parser, const char *data,
					   size_t len)
{
	return *data == '#' ? parse_annotation(parser, data, len) : refuse(parser, "expected '*'");
}

enum shiny_resp_status shiny_resp_parse(struct shiny_resp_parser *parser, const char *data,
					size_t len)
{
	parser->text_used = 0;
	parser->exact = *data == '*';
	if (parser->exact) {
		return parse_array(parser, data, len);
	}
	return parser->strict ? parse_strict(parser, data, len) : parse_line(parser, data, len);
}
