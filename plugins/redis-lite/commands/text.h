/* SPDX-License-Identifier: MIT */
/*
 * Replies for people to read, such as INFO and CLIENT LIST: printed like a file, replied as one
 * string.
 */
#ifndef REDIS_LITE_COMMANDS_TEXT_H
#define REDIS_LITE_COMMANDS_TEXT_H

#include <stdbool.h>
#include <stdio.h>

struct call;

/* A reply for people to read, printed bit by bit. */
struct text {
	FILE *out;
	char *data;
	size_t len;
};

/* text_open() - false after an error reply */
bool text_open(struct text *text, struct call *call);

/* text_reply() - reply with what was printed */
void text_reply(struct text *text, struct call *call);

#endif
