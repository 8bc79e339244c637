/* SPDX-License-Identifier: MIT */
/*
 * Finding the command of a request.
 *
 * Names are at most 16 letters, so that a name is two 64-bit words, and a look-up a multiplication
 * and a comparison.
 */
#ifndef SHINY_RESP_COMMANDS_H
#define SHINY_RESP_COMMANDS_H

#include "command/command.h"

#include <string.h>

#define SHINY_RESP_INDEX_BITS 9
#define SHINY_RESP_INDEX_SIZE (1 << SHINY_RESP_INDEX_BITS)

/*
 * A name of up to 16 bytes as two words, lower-case: names of one length have the same words only
 * if they are the same.
 */
struct shiny_resp_name {
	uint64_t head, tail;
	size_t len;
};

/* The table's names, hashed. */
struct shiny_resp_index {
	struct {
		struct shiny_resp_name name;
		const struct command *command; /* NULL: none here, and none behind */
	} slot[SHINY_RESP_INDEX_SIZE];
};

static inline uint64_t shiny_resp_name_word(const char *p, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, p, len);
	return word;
}

/* @len is from 1 to 16. Setting bit 5 makes letters of letters only. */
static inline struct shiny_resp_name shiny_resp_name(const char *name, size_t len)
{
	const uint64_t lower = 0x2020202020202020;
	uint64_t head, tail = 0;

	if (len >= 8) {
		head = shiny_resp_name_word(name, 8);
		tail = shiny_resp_name_word(name + len - 8, 8);
	} else if (len >= 4) {
		head = shiny_resp_name_word(name, 4) | shiny_resp_name_word(name + len - 4, 4)
							       << 32;
	} else {
		head = shiny_resp_name_word(name, 1) |
		       shiny_resp_name_word(name + len / 2, 1) << 8 |
		       shiny_resp_name_word(name + len - 1, 1) << 16;
	}
	return (struct shiny_resp_name){ head | lower, tail | lower, len };
}

static inline unsigned shiny_resp_name_slot(const struct shiny_resp_name *name)
{
	return (unsigned)(((name->head ^ name->tail << 7) * 0x9e3779b97f4a7c15) >>
			  (64 - SHINY_RESP_INDEX_BITS));
}

/* shiny_resp_find() - by name, in any case; or NULL */
static inline const struct command *shiny_resp_find(const struct shiny_resp_index *index,
						    const char *name, size_t len)
{
	if (len - 1 >= COMMAND_NAME_MAX) {
		return NULL;
	}
	struct shiny_resp_name key = shiny_resp_name(name, len);
	for (unsigned i = shiny_resp_name_slot(&key);; i = (i + 1) % SHINY_RESP_INDEX_SIZE) {
		const struct shiny_resp_name *other = &index->slot[i].name;

		if (other->head == key.head && other->tail == key.tail && other->len == len) {
			return index->slot[i].command;
		}
		if (!index->slot[i].command) {
			return NULL;
		}
	}
}

void shiny_resp_index_init(struct shiny_resp_index *index);

#endif
