/* SPDX-License-Identifier: MIT */
/*
 * Which files make up the append-only file of a Redis 7, and in which order:
 *
 *     file appendonly.aof.2.base.rdb seq 2 type b
 *     file appendonly.aof.1.incr.aof seq 1 type h
 *     file appendonly.aof.2.incr.aof seq 2 type i
 *
 * One base at most, increments in the order of their numbers, and history that a Redis has yet to
 * delete. Names may be quoted. What else a line says, in pairs of words, is for later versions.
 */
#include "import/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <shiny-resp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_LEN_MAX 1024
#define WORDS_MAX    64

struct parser {
	struct manifest *manifest;
	bool has_base;
	int64_t sequence; /* of the last increment */
	char *error;
	unsigned line;
};

static int damaged(const struct parser *parser, const char *what)
{
	snprintf(parser->error, MANIFEST_ERROR_MAX, "damaged in line %u: %s", parser->line, what);
	return -EBADMSG;
}

static int no_memory(char *error)
{
	snprintf(error, MANIFEST_ERROR_MAX, "out of memory");
	return -ENOMEM;
}

void manifest_finish(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->count; i++) {
		free(manifest->names[i]);
	}
	free(manifest->names);
	*manifest = (struct manifest){ 0 };
}

/* Puts a name at an index; takes it in any case. */
static int add(struct manifest *manifest, size_t index, char *name)
{
	char **names = realloc(manifest->names, (manifest->count + 1) * sizeof(*names));

	if (!names) {
		free(name);
		return -ENOMEM;
	}
	memmove(names + index + 1, names + index, (manifest->count - index) * sizeof(*names));
	names[index] = name;
	manifest->names = names;
	manifest->count++;
	return 0;
}

struct line {
	const struct shiny_resp_arg *name;
	int64_t sequence;
	char type;
};

static bool word_is(const struct shiny_resp_arg *arg, const char *word)
{
	return arg->len == strlen(word) && strncasecmp(arg->data, word, arg->len) == 0;
}

/* What Redis requires of a line: its three pairs, each with something in it. */
static int read_words(const struct parser *parser, const struct shiny_resp_parser *words,
		      struct line *ret_line)
{
	struct line line = { 0 };

	for (size_t i = 0; i + 1 < words->argc; i += 2) {
		const struct shiny_resp_arg *value = &words->args[i + 1];

		if (word_is(&words->args[i], "file")) {
			line.name = value;
		} else if (word_is(&words->args[i], "seq") &&
			   (!shiny_resp_parse_integer(value->data, value->len, &line.sequence) ||
			    line.sequence < 1)) {
			return damaged(parser, "seq is no number");
		} else if (word_is(&words->args[i], "type") && value->len > 0) {
			line.type = value->data[0];
		}
	}
	if (words->argc % 2 || !line.name || !line.sequence || !line.type) {
		return damaged(parser, "it must be \"file NAME seq N type b|h|i\"");
	}
	if (line.name->len == 0 || memchr(line.name->data, '/', line.name->len) ||
	    memchr(line.name->data, '\0', line.name->len)) {
		return damaged(parser, "no name of a file");
	}
	*ret_line = line;
	return 0;
}

static int add_line(struct parser *parser, const struct line *line)
{
	struct manifest *manifest = parser->manifest;
	size_t index = manifest->current;
	char *name;

	if (line->type == 'b' && parser->has_base) {
		return damaged(parser, "a second base");
	}
	if (line->type == 'i' && line->sequence <= parser->sequence) {
		return damaged(parser, "increments that are not in order");
	}
	if (!strchr("bhi", line->type)) {
		return damaged(parser, "a type that is none of b, h, i");
	}
	name = strndup(line->name->data, line->name->len);
	if (!name) {
		return -ENOMEM;
	}
	if (line->type == 'h') {
		return add(manifest, manifest->count, name);
	}
	if (line->type == 'b') {
		parser->has_base = true;
		index = 0;
	} else {
		parser->sequence = line->sequence;
	}
	manifest->current++;
	return add(manifest, index, name);
}

/* A line of words is written as an inline request is. */
static int parse_line(struct parser *parser, const char *data, size_t len)
{
	struct shiny_resp_arg args[WORDS_MAX];
	char text[LINE_LEN_MAX];
	struct shiny_resp_parser words = {
		.args = args, .room = WORDS_MAX, .text = text, .text_room = sizeof(text)
	};
	struct line line;
	int r;

	if (*data == '#') {
		return 0;
	}
	if (len > LINE_LEN_MAX || *data == '*' ||
	    shiny_resp_parse(&words, data, len) != SHINY_RESP_COMPLETE) {
		return damaged(parser, "it must be \"file NAME seq N type b|h|i\"");
	}
	r = read_words(parser, &words, &line);
	return r < 0 ? r : add_line(parser, &line);
}

int manifest_parse(const char *data, size_t len, char *error, struct manifest *ret_manifest)
{
	struct manifest manifest = { 0 };
	struct parser parser = { .manifest = &manifest, .error = error };
	const char *end = data + len;
	int r = 0;

	while (r == 0 && data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));

		parser.line++;
		r = newline ? parse_line(&parser, data, (size_t)(newline + 1 - data))
			    : damaged(&parser, "it has no end");
		data = newline ? newline + 1 : end;
	}
	if (r == 0 && manifest.current == 0) {
		r = damaged(&parser, "no file to be loaded was named");
	}
	if (r < 0) {
		manifest_finish(&manifest);
		return r == -ENOMEM ? no_memory(error) : r;
	}
	*ret_manifest = manifest;
	return 0;
}

/* Returns how much there is, at most @room. */
static ssize_t read_all(int fd, char *buf, size_t room)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < room && n > 0) {
		n = read(fd, buf + len, room - len);
		if (n < 0 && errno == EINTR) {
			n = 1;
		} else if (n < 0) {
			return -errno;
		} else {
			len += (size_t)n;
		}
	}
	return (ssize_t)len;
}

/* Opens it without waiting for a FIFO's other end. Returns the descriptor, or negative with @error. */
static int open_regular(int dir, const char *name, char *error)
{
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;

	if (r < 0) {
		snprintf(error, MANIFEST_ERROR_MAX, "%s",
			 r == -EINVAL ? "is no regular file" : strerror(-r));
		if (fd >= 0) {
			close(fd);
		}
		return r;
	}
	return fd;
}

int manifest_read(int dir, const char *name, char *error, struct manifest *ret_manifest)
{
	int fd = open_regular(dir, name, error), r;
	ssize_t len;
	char *buf;

	if (fd < 0) {
		return fd;
	}
	buf = malloc(MANIFEST_SIZE_MAX + 1);
	len = buf ? read_all(fd, buf, MANIFEST_SIZE_MAX + 1) : -ENOMEM;
	close(fd);
	if (len < 0) {
		snprintf(error, MANIFEST_ERROR_MAX, "%s", strerror((int)-len));
		r = (int)len;
	} else if (len > MANIFEST_SIZE_MAX) {
		snprintf(error, MANIFEST_ERROR_MAX, "larger than %d bytes", MANIFEST_SIZE_MAX);
		r = -EFBIG;
	} else {
		r = manifest_parse(buf, (size_t)len, error, ret_manifest);
	}
	free(buf);
	return r;
}

bool manifest_names(const struct manifest *manifest, const char *name)
{
	for (size_t i = 0; i < manifest->count; i++) {
		if (strcmp(manifest->names[i], name) == 0) {
			return true;
		}
	}
	return false;
}
