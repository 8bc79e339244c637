/* SPDX-License-Identifier: MIT */
/*
 * Finding the command of a request.
 *
 * Names are at most 16 letters, so that a name is two 64-bit words, and a look-up a multiplication
 * and a comparison.
 */
#include "command.h"

#include <string.h>

struct folded {
	uint64_t head, tail;
};

static inline uint64_t load(const char *p, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, p, len);
	return word;
}

/*
 * A name of up to 16 bytes as two words, lower-case: names of one length have the same words only
 * if they are the same. Setting bit 5 makes letters of letters only.
 */
static inline struct folded fold(const char *name, size_t len)
{
	const uint64_t lower = 0x2020202020202020;
	uint64_t head, tail = 0;

	if (len >= 8) {
		head = load(name, 8);
		tail = load(name + len - 8, 8);
	} else if (len >= 4) {
		head = load(name, 4) | load(name + len - 4, 4) << 32;
	} else {
		head = load(name, 1) | load(name + len / 2, 1) << 8 | load(name + len - 1, 1) << 16;
	}
	return (struct folded){ head | lower, tail | lower };
}

static inline unsigned first_slot(struct folded name)
{
	return (unsigned)(((name.head ^ name.tail << 7) * 0x9e3779b97f4a7c15) >> 56);
}

void command_index_init(struct command_index *index)
{
	*index = (struct command_index){ 0 };
	for (const struct command *command = command_table; command->name; command++) {
		size_t len = strlen(command->name);
		struct folded name = fold(command->name, len);
		unsigned i = first_slot(name);

		while (index->slot[i].command) {
			i = (i + 1) % COMMAND_INDEX_SIZE;
		}
		index->slot[i].head = name.head;
		index->slot[i].tail = name.tail;
		index->slot[i].len = len;
		index->slot[i].command = command;
	}
}

const struct command *command_find(const struct command_index *index, const char *name, size_t len)
{
	if (len == 0 || len > COMMAND_NAME_MAX) {
		return NULL;
	}
	struct folded key = fold(name, len);
	for (unsigned i = first_slot(key);; i = (i + 1) % COMMAND_INDEX_SIZE) {
		if (index->slot[i].head == key.head && index->slot[i].tail == key.tail &&
		    index->slot[i].len == len) {
			return index->slot[i].command;
		}
		if (!index->slot[i].command) {
			return NULL;
		}
	}
}

const struct command *command_find_sub(const struct command *command, const struct resp_arg *name)
{
	for (const struct command *sub = command->sub; sub->name; sub++) {
		if (arg_is(name, sub->name)) {
			return sub;
		}
	}
	return NULL;
}

const struct command *command_parent(const struct command *sub)
{
	for (const struct command *command = command_table; command->name; command++) {
		for (const struct command *s = command->sub; s && s->name; s++) {
			if (s == sub) {
				return command;
			}
		}
	}
	return NULL;
}

bool command_has_arity(const struct command *command, size_t argc)
{
	return command->arity >= 0 ? argc == (size_t)command->arity
				   : argc >= (size_t)-command->arity;
}

size_t command_last_key(const struct command *command, size_t argc)
{
	int last = command->keys.last;

	return last >= 0 ? (size_t)last : argc - (size_t)-last;
}

bool arg_is(const struct resp_arg *arg, const char *word)
{
	for (size_t i = 0; i < arg->len; i++) {
		char c = arg->data[i];

		c = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
		if (word[i] == '\0' || c != word[i]) {
			return false;
		}
	}
	return word[arg->len] == '\0';
}
