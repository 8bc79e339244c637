/* SPDX-License-Identifier: MIT */
/*
 * Requests that wait between MULTI and EXEC. command.c queues them, and EXEC takes them out again.
 */
#ifndef REDIS_LITE_COMMAND_TRANSACTION_H
#define REDIS_LITE_COMMAND_TRANSACTION_H

#include <shiny-resp.h>

#include <stdint.h>

struct call;
struct command;

/* What a client may queue, in bytes of memory; Redis ends a client there. */
#define TRANSACTION_MAX ((size_t)1024 * 1024 * 1024)

/* A request that waits for EXEC: a copy, since the input that it stood in is gone by then. */
struct transaction_request {
	struct transaction_request *next;
	const struct command *command;
	const char *raw; /* as in struct call */
	size_t raw_len;
	uint64_t hash;
	size_t argc;
	struct shiny_resp_arg argv[]; /* the bytes are behind it */
};

struct transaction {
	struct transaction_request *first, *last;
	size_t count, bytes;
	unsigned flags;	   /* of all its commands */
	const char *start; /* its MULTI, in the input that is being run */
};

/* transaction_add() - copy the request of a call; -ENOBUFS past TRANSACTION_MAX, -ENOMEM */
int transaction_add(struct transaction *transaction, const struct call *call);

/* transaction_take() - turn a call into a request that was queued */
void transaction_take(const struct transaction_request *request, struct call *call);

/* transaction_finish() - forget all requests */
void transaction_finish(struct transaction *transaction);

#endif
