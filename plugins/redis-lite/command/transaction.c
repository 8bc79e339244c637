/* SPDX-License-Identifier: MIT */
/*
 * What a client queues between MULTI and EXEC.
 */
#include "command/transaction.h"
#include "command/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t text_size(const struct call *call)
{
	size_t size = 0;

	if (call->raw) {
		return call->raw_len;
	}
	for (size_t i = 0; i < call->argc; i++) {
		size += call->argv[i].len;
	}
	return size;
}

/* Arguments of a request in the wire's form stay where they are in it. */
static void copy_raw(struct transaction_request *request, const struct call *call, char *text)
{
	memcpy(text, call->raw, call->raw_len);
	request->raw = text;
	request->raw_len = call->raw_len;
	for (size_t i = 0; i < call->argc; i++) {
		request->argv[i].data = text + (call->argv[i].data - call->raw);
		request->argv[i].len = call->argv[i].len;
	}
}

static void copy_args(struct transaction_request *request, const struct call *call, char *text)
{
	for (size_t i = 0; i < call->argc; i++) {
		const struct shiny_resp_arg *arg = &call->argv[i];

		memcpy(text, arg->data, arg->len);
		request->argv[i] = (struct shiny_resp_arg){ text, arg->len };
		text += arg->len;
	}
}

static void append_request(struct transaction *transaction, struct transaction_request *request)
{
	if (transaction->last) {
		transaction->last->next = request;
	} else {
		transaction->first = request;
	}
	transaction->last = request;
	transaction->count++;
	transaction->flags |= request->command->flags;
}

int transaction_add(struct transaction *transaction, const struct call *call)
{
	struct transaction_request *request;
	size_t head = sizeof(*request) + call->argc * sizeof(request->argv[0]);
	size_t size = head + text_size(call);

	/* What stands in a file was within the limit once. */
	if (call->conn && size > TRANSACTION_MAX - transaction->bytes) {
		return -ENOBUFS;
	}
	request = malloc(size);
	if (!request) {
		return -ENOMEM;
	}
	*request = (struct transaction_request){
		.command = call->command,
		.hash = call->hash,
		.argc = call->argc,
	};
	if (call->raw) {
		copy_raw(request, call, (char *)request + head);
	} else {
		copy_args(request, call, (char *)request + head);
	}
	append_request(transaction, request);
	transaction->bytes += size;
	return 0;
}

void transaction_take(const struct transaction_request *request, struct call *call)
{
	call->command = request->command;
	call->argv = request->argv;
	call->argc = request->argc;
	call->raw = request->raw;
	call->raw_len = request->raw_len;
	call->hash = request->hash;
}

void transaction_finish(struct transaction *transaction)
{
	for (struct transaction_request *request = transaction->first, *next; request;
	     request = next) {
		next = request->next;
		free(request);
	}
	*transaction = (struct transaction){ 0 };
}
