/* SPDX-License-Identifier: MIT */
/*
 * An ini file, read strictly: each line is checked before inih gets it.
 *
 * inih asks for a line and calls back before it asks for the next one, or not at all if the line
 * makes no sense to it. So the line that a pair came from is known, and a line that was to be a
 * pair and did not become one is an error.
 */
#include "config/ini-reader.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS		" \t\r\n\v\f"
#define COMMENTS	";#"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reader {
	FILE *file;
	const struct ini_events *events;
	void *ctx;
	char *text; /* of the current line, for getline(3) */
	size_t capacity;
	unsigned line;
	bool pair_due; /* inih has the line and should make a pair of it */
	int error;
};

static void report(struct reader *reader, const char *text)
{
	reader->events->error(reader->ctx, reader->line, text);
}

static char *strip(char *text)
{
	size_t len;

	text += strspn(text, BLANKS);
	for (len = strlen(text); len > 0 && strchr(BLANKS, text[len - 1]) != NULL; len--) {
	}
	text[len] = '\0';
	return text;
}

/* Finds what is wrong with "[...": inih would cut the name and accept anything behind the ']'. */
static const char *check_section(const char *text)
{
	const char *end = strchr(text, ']');

	if (end == NULL) {
		return "a section needs a closing ']'";
	}
	end += 1 + strspn(end + 1, BLANKS);
	if (*end != '\0' && strchr(COMMENTS, *end) == NULL) {
		return "nothing but a comment may follow a section's ']'";
	}
	return NULL;
}

/* @text begins with '['. */
static void read_section(struct reader *reader, char *text)
{
	const char *error = check_section(text);

	if (error != NULL) {
		report(reader, error);
		reader->events->section(reader->ctx, reader->line, NULL);
		return;
	}
	*strchr(text, ']') = '\0';
	reader->events->section(reader->ctx, reader->line, strip(text + 1));
}

/* inih also splits at a ':', which addresses hold. */
static bool has_colon_first(const char *text)
{
	return text[strcspn(text, "=:")] == ':';
}

/* Returns what inih is to get of the line: a pair, or nothing. */
static const char *filter_line(struct reader *reader, size_t len, size_t limit)
{
	char *text = reader->text;

	if (memchr(text, '\0', len) != NULL) {
		report(reader, "the line holds a NUL byte");
		return "";
	}
	if (reader->line == 1 && strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
		text += strlen(BYTE_ORDER_MARK);
	}
	text = strip(text);
	if (*text == '\0' || strchr(COMMENTS, *text) != NULL) {
		return "";
	}
	if (*text == '[') {
		read_section(reader, text);
		return "";
	}
	if (has_colon_first(text)) {
		report(reader, "expected KEY = VALUE, not a ':' where the '=' belongs");
		return "";
	}
	if (strlen(text) > limit) {
		char error[64];

		snprintf(error, sizeof(error), "the line is longer than %zu bytes", limit);
		report(reader, error);
		return "";
	}
	return text;
}

static void report_missing_pair(struct reader *reader)
{
	if (reader->pair_due) {
		reader->pair_due = false;
		report(reader, "expected [SECTION] or KEY = VALUE");
	}
}

/* Called by inih for the next line, in place of fgets(3). */
static char *next_line(char *buf, int size, void *stream)
{
	struct reader *reader = stream;
	const char *text;
	ssize_t len;

	report_missing_pair(reader);
	errno = 0;
	len = getline(&reader->text, &reader->capacity, reader->file);
	if (len < 0) {
		reader->error = feof(reader->file) ? 0 : -errno;
		return NULL;
	}
	reader->line++;
	text = filter_line(reader, (size_t)len, (size_t)size - 1);
	reader->pair_due = *text != '\0';
	return strcpy(buf, text);
}

static int on_pair(void *user, const char *section, const char *name, const char *value)
{
	struct reader *reader = user;

	(void)section; /* sections are read here: inih's copy of the name may be cut */
	if (*name == '\0') {
		return 0; /* "= value": report_missing_pair() says what was expected */
	}
	reader->pair_due = false;
	reader->events->pair(reader->ctx, reader->line, name, value);
	return 1;
}

int ini_read(FILE *file, const struct ini_events *events, void *ctx)
{
	struct reader reader = { .file = file, .events = events, .ctx = ctx };
	int r;

	r = ini_parse_stream(next_line, &reader, on_pair, &reader);
	free(reader.text);
	return r == -2 ? -ENOMEM : reader.error;
}
