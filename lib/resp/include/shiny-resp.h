/* SPDX-License-Identifier: MIT */
#ifndef SHINY_RESP_H
#define SHINY_RESP_H

#include "util/work.h"

#include <stdbool.h>
#include <stddef.h>

/* The longest inline command, and the longest line that announces a length. */
#define SHINY_RESP_LINE_MAX (64 * 1024)

/* The longest bulk string, as Redis's proto-max-bulk-len. */
#define SHINY_RESP_BULK_MAX (512LL * 1024 * 1024)

/* The largest requests of a client that has yet to say its password. */
#define SHINY_RESP_SMALL_ARGS 10
#define SHINY_RESP_SMALL_BULK 16384

/* Room for any text in struct shiny_resp_parser's error. */
#define SHINY_RESP_ERROR_MAX 64

enum shiny_resp_status {
	SHINY_RESP_COMPLETE, /* args and argc hold a request of used bytes */
	SHINY_RESP_EMPTY,    /* used bytes held none: a blank line, *0, *-1 */
	SHINY_RESP_MORE,     /* want bytes in all are needed before another try can succeed */
	SHINY_RESP_ROOM, /* there is not room for want arguments, or for a line of want bytes (is_line) */
	SHINY_RESP_ERROR, /* error says why; the connection is beyond repair */
};

struct shiny_resp_arg {
	const char *data;
	size_t len;
};

#define SHINY_RESP_ARG(text)             \
	(struct shiny_resp_arg)          \
	{                                \
		(text), sizeof(text) - 1 \
	}

/* In: where arguments go. Out: what was found. */
struct shiny_resp_parser {
	struct shiny_resp_arg *args;
	size_t room; /* of args */
	char *text;  /* where inline arguments are written without their quotes and escapes */
	size_t text_room;
	bool strict; /* as in a file: no inline commands, but annotations, and each line's end as it must be */
	struct work *work; /* where what takes long is counted; or NULL */
	bool small_only;   /* take small requests only: the client has yet to say its password */

	size_t argc;
	bool exact;	  /* an array, as written by the book: a file may have it as it is */
	size_t used;	  /* bytes of the request */
	size_t text_used; /* bytes written to text */
	size_t want;
	bool is_line;
	char error[SHINY_RESP_ERROR_MAX]; /* after "-ERR Protocol error: " */
};

/*
 * shiny_resp_parse() - find the request at the start of @data
 *
 * Arguments point into @data, or into the parser's text where an inline command was quoted. There
 * is no state between calls: after SHINY_RESP_MORE the same bytes are to come again with more behind
 * them. want never exceeds the request's true size (so waiting for it cannot hang), and grows so
 * fast that a request is parsed a logarithmic number of times, however it is cut into packets.
 *
 * @len is not 0.
 */
enum shiny_resp_status shiny_resp_parse(struct shiny_resp_parser *parser, const char *data,
					size_t len);

#endif
