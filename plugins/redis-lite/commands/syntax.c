/* SPDX-License-Identifier: MIT */
/*
 * What a command takes: from a line in its row to the tree that COMMAND DOCS has of it, from which
 * redis-cli makes its hints.
 *
 *     key            an argument of that name; "value=integer" tells a type that the name does not
 *     GET            a word that is written as it is
 *     EX seconds     an argument behind such a word
 *     [GET]          what may be left out
 *     <key value>    what belongs together
 *     <ON|OFF>       one of them; in [NX|XX] the brackets do for both
 *     key...         once or more; [PREFIX prefix]... with the word each time
 */
#include "commands/syntax.h"

#include <ctype.h>
#include <string.h>

#define AGAIN	  "..."
#define AGAIN_LEN (sizeof(AGAIN) - 1)

/* Of a name. */
#define NAME_ROOM 32

struct span {
	const char *at, *end;
};

/* Where the first part of a text ends. */
typedef const char *(*part_end)(struct span text);

struct argument {
	struct span token; /* empty: none */
	struct span text;  /* what is behind it: a name, or the members */
	part_end divide;   /* into members; NULL: there are none */
	bool optional, multiple, multiple_token;
};

static const struct {
	const char *name, *type;
} type_table[] = {
	{ "client-id", "integer" },
	{ "count", "integer" },
	{ "cursor", "integer" },
	{ "db", "integer" },
	{ "decrement", "integer" },
	{ "destination", "key" },
	{ "destination-db", "integer" },
	{ "end", "integer" },
	{ "increment", "integer" },
	{ "index", "integer" },
	{ "index1", "integer" },
	{ "index2", "integer" },
	{ "key", "key" },
	{ "key1", "key" },
	{ "key2", "key" },
	{ "len", "integer" },
	{ "milliseconds", "integer" },
	{ "newkey", "key" },
	{ "offset", "integer" },
	{ "pattern", "pattern" },
	{ "protover", "integer" },
	{ "seconds", "integer" },
	{ "source", "key" },
	{ "start", "integer" },
	{ "unix-time-milliseconds", "unix-time" },
	{ "unix-time-seconds", "unix-time" },
};

static size_t length(struct span text)
{
	return (size_t)(text.end - text.at);
}

static struct span span_of(const char *text)
{
	return (struct span){ text, text + strlen(text) };
}

static bool is(struct span text, const char *other)
{
	return length(text) == strlen(other) && memcmp(text.at, other, length(text)) == 0;
}

/* Up to a separator that no brackets are around. */
static const char *up_to(struct span text, char separator)
{
	unsigned depth = 0;
	const char *p = text.at;

	for (; p < text.end && (depth > 0 || *p != separator); p++) {
		depth += *p == '[' || *p == '<';
		depth -= *p == ']' || *p == '>';
	}
	return p;
}

static bool is_word(const char *p)
{
	return isupper((unsigned char)*p);
}

static const char *alternative_end(struct span text)
{
	return up_to(text, '|');
}

/* What stands behind a word, and is none, belongs to it. */
static const char *item_end(struct span text)
{
	const char *end = up_to(text, ' ');

	if (is_word(text.at) && end < text.end && end[1] != '[' && !is_word(end + 1)) {
		end = up_to((struct span){ end + 1, text.end }, ' ');
	}
	return end;
}

static struct span take_part(struct span *rest, part_end divide)
{
	struct span part = { rest->at, divide(*rest) };

	rest->at = part.end < rest->end ? part.end + 1 : rest->end;
	return part;
}

static size_t count_parts(struct span text, part_end divide)
{
	size_t count = 0;

	while (text.at < text.end) {
		take_part(&text, divide);
		count++;
	}
	return count;
}

static bool is_one(struct span text)
{
	return alternative_end(text) == text.end && item_end(text) == text.end;
}

static bool is_again(struct span text)
{
	return length(text) > AGAIN_LEN && memcmp(text.end - AGAIN_LEN, AGAIN, AGAIN_LEN) == 0;
}

/* Takes the outermost thing off that is not the argument itself; false if there is none. */
static bool peel(struct argument *argument)
{
	struct span *text = &argument->text;
	const char *word_end = up_to(*text, ' ');

	if (is_word(text->at) && word_end < text->end) {
		argument->token = (struct span){ text->at, word_end };
		text->at = word_end + 1;
	} else if (is_again(*text)) {
		argument->multiple = true;
		argument->multiple_token = !argument->token.at;
		text->end -= AGAIN_LEN;
	} else if (*text->at == '[' || *text->at == '<') {
		argument->optional |= *text->at == '[';
		text->at++;
		text->end--;
	} else {
		return false;
	}
	return true;
}

static struct argument read_argument(struct span text)
{
	struct argument argument = { .text = text };

	while (is_one(argument.text) && peel(&argument)) {
	}
	if (!is_one(argument.text)) {
		argument.divide = alternative_end(argument.text) < argument.text.end
					  ? alternative_end
					  : item_end;
	} else if (is_word(argument.text.at)) {
		argument.token = argument.text;
		argument.text.at = argument.text.end;
	}
	argument.multiple_token &= argument.token.at != NULL;
	return argument;
}

static size_t count_flags(const struct argument *argument)
{
	return (size_t)argument->optional + argument->multiple + argument->multiple_token;
}

/* The name that the line gives it; that of a group is its first member's. */
static struct span name_of(struct argument argument)
{
	while (argument.divide) {
		argument = read_argument(take_part(&argument.text, argument.divide));
	}
	if (length(argument.text) == 0) {
		return argument.token;
	}
	return (struct span){ argument.text.at, up_to(argument.text, '=') };
}

static struct span type_of(const struct argument *argument)
{
	struct span name = name_of(*argument);

	if (argument->divide) {
		return span_of(argument->divide == alternative_end ? "oneof" : "block");
	}
	if (length(argument->text) == 0) {
		return span_of("pure-token");
	}
	if (name.end < argument->text.end) {
		return (struct span){ name.end + 1, argument->text.end };
	}
	for (size_t i = 0; i < sizeof(type_table) / sizeof(type_table[0]); i++) {
		if (is(name, type_table[i].name)) {
			return span_of(type_table[i].type);
		}
	}
	return span_of("string");
}

/* A word is written in capitals, but its name is not. */
static void reply_name(struct shiny_resp_reply *reply, struct span name)
{
	char lower[NAME_ROOM];
	size_t len = 0;

	while (len < length(name) && len < sizeof(lower)) {
		lower[len] = (char)tolower((unsigned char)name.at[len]);
		len++;
	}
	shiny_resp_bulk_text(reply, "name");
	shiny_resp_bulk(reply, lower, len);
}

static void reply_field(struct shiny_resp_reply *reply, const char *field, struct span value)
{
	shiny_resp_bulk_text(reply, field);
	shiny_resp_bulk(reply, value.at, length(value));
}

static void reply_flags(struct shiny_resp_reply *reply, const struct argument *argument)
{
	shiny_resp_bulk_text(reply, "flags");
	shiny_resp_set(reply, count_flags(argument));
	if (argument->optional) {
		shiny_resp_status(reply, "optional");
	}
	if (argument->multiple) {
		shiny_resp_status(reply, "multiple");
	}
	if (argument->multiple_token) {
		shiny_resp_status(reply, "multiple_token");
	}
}

static void reply_members(struct shiny_resp_reply *reply, struct span text, part_end divide,
			  unsigned *keys);

/* @keys: which of the command's key specs the next key is of; NULL: there is one. */
static void reply_argument(struct shiny_resp_reply *reply, struct span text, unsigned *keys)
{
	struct argument argument = read_argument(text);
	struct span type = type_of(&argument);
	bool has_token = argument.token.at, has_flags = count_flags(&argument) > 0;
	bool is_key = is(type, "key");

	shiny_resp_map(reply,
		       (size_t)2 + is_key + has_token + has_flags + (argument.divide != NULL));
	reply_name(reply, name_of(argument));
	reply_field(reply, "type", type);
	if (is_key) {
		shiny_resp_bulk_text(reply, "key_spec_index");
		shiny_resp_integer(reply, keys ? (*keys)++ : 0);
	}
	if (has_token) {
		reply_field(reply, "token", argument.token);
	}
	if (has_flags) {
		reply_flags(reply, &argument);
	}
	if (argument.divide) {
		shiny_resp_bulk_text(reply, "arguments");
		reply_members(reply, argument.text, argument.divide, keys);
	}
}

static void reply_members(struct shiny_resp_reply *reply, struct span text, part_end divide,
			  unsigned *keys)
{
	shiny_resp_array(reply, count_parts(text, divide));
	while (text.at < text.end) {
		reply_argument(reply, take_part(&text, divide), keys);
	}
}

void command_reply_arguments(struct shiny_resp_reply *reply, const struct command *command)
{
	unsigned keys = 0;

	reply_members(reply, span_of(command->syntax), item_end,
		      command->keys.second ? &keys : NULL);
}
