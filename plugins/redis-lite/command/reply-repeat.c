/* SPDX-License-Identifier: MIT */
/*
 * Replies remembered by the address of what they are about, and where in the output they begin: a small
 * hash table, whose first free place ends the search.
 */
#include "command/reply-repeat.h"

static uint64_t position(const struct shiny_resp_reply *reply)
{
	return reply->flushed + (uint64_t)(reply->at - reply->start);
}

/* That of @what, or a free one; NULL if all are taken by others. */
static struct reply_piece *find(struct reply_repeats *repeats, const void *what)
{
	uintptr_t first = (uintptr_t)what / 16;

	for (uintptr_t i = 0; i < REPLY_REPEATS_MAX; i++) {
		struct reply_piece *piece = &repeats->pieces[(first + i) % REPLY_REPEATS_MAX];

		if (!piece->what || piece->what == what) {
			return piece;
		}
	}
	return NULL;
}

/* False if it is no longer at hand, or there is no room behind it. */
static bool copy(struct shiny_resp_reply *reply, const struct reply_piece *piece)
{
	if (!piece->what) {
		return false;
	}
	if (reply_of(reply)->scratch) {
		reply->flushed += piece->len; /* it is only counted */
		return true;
	}
	if (piece->begin < reply->flushed || (size_t)(reply->end - reply->at) < piece->len) {
		return false;
	}
	memcpy(reply->at, reply->start + (piece->begin - reply->flushed), piece->len);
	shiny_resp_end(reply, reply->at + piece->len);
	return true;
}

void reply_repeat(struct reply_repeats *repeats, struct shiny_resp_reply *reply, const void *what,
		  void (*write)(struct shiny_resp_reply *reply, const void *what))
{
	struct reply_piece *piece = find(repeats, what);
	uint64_t begin = position(reply);

	if ((!reply->conn && !reply_of(reply)->scratch) || reply->failed) {
		return; /* nobody reads it */
	}
	if (piece && copy(reply, piece)) {
		return;
	}
	write(reply, what);
	if (piece) {
		*piece = (struct reply_piece){ what, begin, (size_t)(position(reply) - begin) };
	}
}
