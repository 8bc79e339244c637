/* SPDX-License-Identifier: MIT */
/*
 * What a reply of redis-lite's is besides what libshiny-resp writes: how large it may be is known before
 * it is begun, errors are counted by kind, and what is written is counted as work.
 *
 * Commands write to a struct shiny_resp_reply, which is the first member of a struct reply.
 */
#ifndef REDIS_LITE_COMMAND_REPLY_H
#define REDIS_LITE_COMMAND_REPLY_H

#include "command/error-stats.h"

#include <shiny-resp.h>

/* What a value has around it, as one of many. */
#define REPLY_BULK_EXTRA 16

/* Room for pieces of replies that are only counted. */
#define REPLY_SCRATCH_SIZE 4096

/* What all replies of an instance, or of a file, have in common. */
struct reply_terms {
	struct error_stats *error_stats; /* where errors are counted by kind; or NULL */
	struct work *work;		 /* where what is written is counted; or NULL */
	uint64_t most; /* bytes that the reply to one request may take; see reply_prepare() */
	/* Of SHINY_RESP_ERROR_TEXT_MAX bytes: takes the text of an error, which is the end; or NULL. */
	char *fatal;
};

/* The replies of one batch of commands. */
struct reply {
	struct shiny_resp_reply resp; /* its hooks are reply_hooks, or reply_count_hooks */
	char *scratch;	/* of REPLY_SCRATCH_SIZE bytes: what is written is only counted */
	uint64_t begun; /* where the reply of a transaction begins */
	const struct reply_terms *terms;
	bool in_transaction;
	/*
	 * Whether is_full() of batch.c, which clears it, has something to find out: output has been
	 * taken, the client's turn is over, or there was an error.
	 */
	bool grown;
};

extern const struct shiny_resp_hooks reply_hooks;

/* Of a reply that is only counted, into its scratch. */
extern const struct shiny_resp_hooks reply_count_hooks;

/* reply_of() - what a reply of redis-lite's is besides */
static inline struct reply *reply_of(const struct shiny_resp_reply *resp)
{
	return (struct reply *)resp;
}

/* reply_mute() - replies go nowhere until reply_unmute() */
void reply_mute(struct shiny_resp_reply *resp);
void reply_unmute(struct shiny_resp_reply *resp, struct shiny_conn *conn);

/* reply_begin_transaction() - the replies from here to reply_end_transaction() are one's */
void reply_begin_transaction(struct shiny_resp_reply *resp);
void reply_end_transaction(struct shiny_resp_reply *resp);

/* reply_prepare_more() - reply_prepare() where the room that is left does not do */
bool reply_prepare_more(struct shiny_resp_reply *resp, uint64_t size);

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
static inline bool reply_prepare(struct shiny_resp_reply *resp, uint64_t size)
{
	return (size_t)(resp->end - resp->at) >= size || reply_prepare_more(resp, size);
}

/* reply_take_back() - what was written since @mark, the reply's at, in room that was prepared */
static inline void reply_take_back(struct shiny_resp_reply *resp, char *mark)
{
	resp->at = mark;
}

/* reply_whole_bulk() - one that is all of the reply, or an error in its place if it is too large */
void reply_whole_bulk(struct shiny_resp_reply *resp, const char *data, size_t len);

#endif
