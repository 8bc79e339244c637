/* SPDX-License-Identifier: MIT */
#ifndef SHINY_RESP_REPLY_H
#define SHINY_RESP_REPLY_H

#include "command/error-stats.h"
#include "util/number.h"

#include <shiny.h>
#include <string.h>

/* No reply of fixed size takes more. */
#define SHINY_RESP_FIXED_MAX 32

/* Nor does what a value has around it, as one of many. */
#define SHINY_RESP_BULK_EXTRA 16

/* An error's text is cut to so much, with its end. */
#define SHINY_RESP_ERROR_TEXT_MAX 512

/*
 * The replies of one batch of commands, written straight into the connection's output: room is
 * reserved for many of them together, and queued when it is used up or the batch ends.
 *
 * Which of the protocol's versions the client speaks is known here and nowhere else: a command says
 * "null" or "map", and the reply is what that is called in RESP2 or in RESP3.
 */
struct shiny_resp_reply {
	struct shiny_conn *conn;	 /* NULL: replies go nowhere, as when a file is loaded */
	struct error_stats *error_stats; /* where they are counted by kind; or NULL */
	struct work *work;		 /* where what is written is counted; or NULL */
	uint64_t most; /* bytes that the reply to one request may take; see reply_prepare() */
	char *start, *at, *end; /* reserved, filled up to at */
	char *fatal; /* of SHINY_RESP_ERROR_TEXT_MAX bytes: takes the text of an error, which is the end */
	uint64_t flushed; /* bytes so far */
	uint64_t begun;	  /* where the reply of a transaction begins in those */
	char *scratch;	  /* of REPLY_SCRATCH_SIZE bytes: what is written is only counted */
	uint32_t errors;  /* error replies so far */
	bool in_transaction;
	/*
	 * Whether is_full() of command/batch.c, which clears it, has something to find out: output has been
	 * taken, the client's turn is over, or there was an error.
	 */
	bool grown;
	bool failed; /* the connection takes no more; it is ending */
	bool resp3;  /* the client asked for version 3 of the protocol */
};

/* reply_mute() - replies go nowhere until reply_unmute() */
void reply_mute(struct shiny_resp_reply *reply);
void reply_unmute(struct shiny_resp_reply *reply, struct shiny_conn *conn);

/* Room for pieces of replies that are only counted. */
#define REPLY_SCRATCH_SIZE 4096

/* reply_begin_transaction() - the replies from here to reply_end_transaction() are one's */
void reply_begin_transaction(struct shiny_resp_reply *reply);
void reply_end_transaction(struct shiny_resp_reply *reply);

/* shiny_resp_flush() - queue what was written */
void shiny_resp_flush(struct shiny_resp_reply *reply);

/* shiny_resp_grow() - flush, and reserve at least @len bytes; NULL if there is nobody to write to */
char *shiny_resp_grow(struct shiny_resp_reply *reply, size_t len);

/* shiny_resp_room() - where to write up to @len bytes, to be followed by shiny_resp_end(); or NULL */
static inline char *shiny_resp_room(struct shiny_resp_reply *reply, size_t len)
{
	return (size_t)(reply->end - reply->at) >= len ? reply->at : shiny_resp_grow(reply, len);
}

/* reply_prepare_more() - reply_prepare() where the room that is left does not do */
bool reply_prepare_more(struct shiny_resp_reply *reply, uint64_t size);

/*
 * reply_prepare() - have room for a whole reply of up to @size bytes, before anything of it is
 * written or something is changed
 *
 * For every reply that may be large: it may pass the connection's max_output, and has a limit of its
 * own instead, for all replies of a transaction together.
 *
 * Returns false after an error reply, because that would be too large, or if the connection is
 * ending: then nothing must be changed.
 */
static inline bool reply_prepare(struct shiny_resp_reply *reply, uint64_t size)
{
	return (size_t)(reply->end - reply->at) >= size || reply_prepare_more(reply, size);
}

/* reply_take_back() - what was written since @mark, the reply's at, in room that was prepared */
static inline void reply_take_back(struct shiny_resp_reply *reply, char *mark)
{
	reply->at = mark;
}

static inline void shiny_resp_end(struct shiny_resp_reply *reply, char *end)
{
	reply->at = end;
}

/* shiny_resp_raw_more() - shiny_resp_raw() where the room that is left does not do */
void shiny_resp_raw_more(struct shiny_resp_reply *reply, const char *data, size_t len);

/* shiny_resp_raw() - bytes that are a reply already */
static inline void shiny_resp_raw(struct shiny_resp_reply *reply, const char *data, size_t len)
{
	if ((size_t)(reply->end - reply->at) >= len) {
		memcpy(reply->at, data, len);
		shiny_resp_end(reply, reply->at + len);
	} else {
		shiny_resp_raw_more(reply, data, len);
	}
}

#define shiny_resp_literal(reply, text) shiny_resp_raw((reply), (text), sizeof(text) - 1)

static inline void shiny_resp_ok(struct shiny_resp_reply *reply)
{
	shiny_resp_literal(reply, "+OK\r\n");
}

static inline void shiny_resp_null(struct shiny_resp_reply *reply)
{
	if (reply->resp3) {
		shiny_resp_literal(reply, "_\r\n");
	} else {
		shiny_resp_literal(reply, "$-1\r\n");
	}
}

/* shiny_resp_null_array() - null where an array would stand */
static inline void shiny_resp_null_array(struct shiny_resp_reply *reply)
{
	if (reply->resp3) {
		shiny_resp_literal(reply, "_\r\n");
	} else {
		shiny_resp_literal(reply, "*-1\r\n");
	}
}

void shiny_resp_status(struct shiny_resp_reply *reply, const char *text);
void shiny_resp_integer(struct shiny_resp_reply *reply, int64_t value);
void shiny_resp_bulk(struct shiny_resp_reply *reply, const char *data, size_t len);

/* reply_whole_bulk() - one that is all of the reply, or an error in its place if it is too large */
void reply_whole_bulk(struct shiny_resp_reply *reply, const char *data, size_t len);

/* shiny_resp_bulk_size() - what shiny_resp_bulk() will write */
size_t shiny_resp_bulk_size(size_t len);

void shiny_resp_bulk_text(struct shiny_resp_reply *reply, const char *text);
void shiny_resp_bulk_integer(struct shiny_resp_reply *reply, int64_t value);

/* shiny_resp_text() - for people to read: RESP3 says so */
void shiny_resp_text(struct shiny_resp_reply *reply, const char *data, size_t len);

/* shiny_resp_array() - the head of an array, to be followed by @count replies */
void shiny_resp_array(struct shiny_resp_reply *reply, size_t count);

/* shiny_resp_map() - the head of @count pairs of replies */
void shiny_resp_map(struct shiny_resp_reply *reply, size_t count);

/* shiny_resp_set() - the head of a set of @count replies */
void shiny_resp_set(struct shiny_resp_reply *reply, size_t count);

/*
 * shiny_resp_error() - an error, formatted
 *
 * The text begins with its code, as in "ERR no such key". Line breaks that an argument brings in
 * become blanks.
 */
void shiny_resp_error(struct shiny_resp_reply *reply, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
