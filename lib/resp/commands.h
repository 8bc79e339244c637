/* SPDX-License-Identifier: MIT */
/*
 * Finding the command of a request.
 *
 * Names are at most 16 letters, so that a name is two 64-bit words, and a look-up a multiplication
 * and a comparison.
 */
#ifndef REDIS_LITE_COMMAND_INDEX_H
#define REDIS_LITE_COMMAND_INDEX_H

#include "command/command.h"

#include <string.h>

#define COMMAND_INDEX_BITS 9
#define COMMAND_INDEX_SIZE (1 << COMMAND_INDEX_BITS)

/*
 * A name of up to 16 bytes as two words, lower-case: names of one length have the same words only
 * if they are the same.
 */
struct command_name {
	uint64_t head, tail;
	size_t len;
};

/* The table's names, hashed. */
struct command_index {
	struct {
		struct command_name name;
		const struct command *command; /* NULL: none here, and none behind */
	} slot[COMMAND_INDEX_SIZE];
};

static inline uint64_t command_name_word(const char *p, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, p, len);
	return word;
}

/* @len is from 1 to 16. Setting bit 5 makes letters of letters only. */
static inline struct command_name command_name(const char *name, size_t len)
{
	const uint64_t lower = 0x2020202020202020;
	uint64_t head, tail = 0;

	if (len >= 8) {
		head = command_name_word(name, 8);
		tail = command_name_word(name + len - 8, 8);
	} else if (len >= 4) {
		head = command_name_word(name, 4) | command_name_word(name + len - 4, 4) << 32;
	} else {
		head = command_name_word(name, 1) | command_name_word(name + len / 2, 1) << 8 |
		       command_name_word(name + len - 1, 1) << 16;
	}
	return (struct command_name){ head | lower, tail | lower, len };
}

static inline unsigned command_name_slot(const struct command_name *name)
{
	return (unsigned)(((name->head ^ name->tail << 7) * 0x9e3779b97f4a7c15) >>
			  (64 - COMMAND_INDEX_BITS));
}

/* command_find() - by name, in any case; or NULL */
static inline const struct command *command_find(const struct command_index *index,
						 const char *name, size_t len)
{
	if (len - 1 >= COMMAND_NAME_MAX) {
		return NULL;
	}
	struct command_name key = command_name(name, len);
	for (unsigned i = command_name_slot(&key);; i = (i + 1) % COMMAND_INDEX_SIZE) {
		const struct command_name *other = &index->slot[i].name;

		if (other->head == key.head && other->tail == key.tail && other->len == len) {
			return index->slot[i].command;
		}
		if (!index->slot[i].command) {
			return NULL;
		}
	}
}

void command_index_init(struct command_index *index);

#endif
