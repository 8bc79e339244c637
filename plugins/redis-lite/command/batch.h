/* SPDX-License-Identifier: MIT */
/*
 * Runs the requests that stand in a piece of input, as many as there are. Called for a client's
 * input by redis-lite.c, and for a file's by replay.c.
 */
#ifndef REDIS_LITE_COMMAND_BATCH_H
#define REDIS_LITE_COMMAND_BATCH_H

#include <shiny-resp.h>

#include <stdbool.h>
#include <stdint.h>

struct call;
struct command;

/*
 * Requests of one batch: enough to hide the latency of memory, and no more than the processor can
 * have underway, beyond which a prefetch waits too.
 */
#define BATCH_MAX 16

struct batch_request {
	const struct command *command; /* NULL: unknown */
	const struct shiny_resp_arg *argv;
	size_t argc;
	const char *data; /* the request itself */
	const char *raw;  /* likewise if it may stand in a file as it is, else NULL */
	size_t len;
	bool has_key;
	uint64_t hash; /* of argv[1], if that is a key */
};

/* Room for the requests of a batch, kept from one batch to the next. */
struct batch {
	struct shiny_resp_arg *args;
	size_t args_room;
	char *text; /* of inline commands, without quotes */
	size_t text_room;
	uint64_t requests_run; /* ever, with those of a file */
	size_t usual_size;     /* of an entry, as far as it is worth prefetching */
	struct batch_request requests[BATCH_MAX];
};

struct batch_result {
	size_t used; /* bytes whose requests were run */
	size_t want; /* bytes that the next request takes at least, if it is incomplete; else 0 */
	bool end;    /* the connection is to be ended */
	bool wrong;  /* because of an error in the protocol, which was replied */
};

int batch_init(struct batch *batch);
void batch_finish(struct batch *batch);

/*
 * batch_run() - run the requests in @data for a client
 *
 * Stops early when the client does not take its replies, when it has had its turn (see util/work.h), behind
 * a large request of a client, or before one that ends in an error where that is fatal: then want is 0
 * and bytes are left. Unless the client takes no replies, something was used.
 * @call says who asks; batch_run() fills in what is asked. Its command is the last one that was asked
 * for, if any; its arguments are not to be looked at behind this.
 */
struct batch_result batch_run(struct batch *batch, struct call *call, const char *data, size_t len);

#endif
