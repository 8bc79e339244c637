/* SPDX-License-Identifier: MIT */
/*
 * A pipeline of requests, run in stages.
 *
 * The time of a request is mostly spent in waiting for memory: for the bucket of its key, then for
 * the entry. So up to 16 requests are read first, and for all of them the buckets are asked for,
 * then the entries; when they are run, in order, what they need is there.
 */
#include "command/batch.h"
#include "aof/aof.h"
#include "command/command.h"
#include "command/instance.h"
#include "store/table-find.h"
#include "util/prefetch.h"

#include <errno.h>
#include <shiny-resp-inline.h>
#include <stdlib.h>

#define ARGS_FIRST 1024

static const struct shiny_resp_limits unauthenticated = SHINY_RESP_LIMITS_UNAUTHENTICATED;

/* Entries of a table from which on they are not in the cache anyway. */
#define PREFETCH_COUNT 2048

#define LINE_SIZE      64
#define PREFETCH_MAX   (4 * LINE_SIZE)

/* Behind so large a request of a client the batch ends: its input can be given back before the next
 * one, which may need as much again, is run. */
#define LARGE_MIN ((size_t)1024 * 1024)

/* Behind so many bytes a blank line ends the batch: they take time, too. */
#define BLANKS_MOST 4096

/* Room above which it is given back after use. */
#define ARGS_KEPT (64 * ARGS_FIRST)

static int resize_args(struct batch *batch, size_t room)
{
	struct shiny_resp_arg *args = reallocarray(batch->args, room, sizeof(*args));

	if (!args) {
		return -ENOMEM;
	}
	batch->args = args;
	batch->args_room = room;
	return 0;
}

static int resize_text(struct batch *batch, size_t room)
{
	char *text = realloc(batch->text, room);

	if (!text) {
		return -ENOMEM;
	}
	batch->text = text;
	batch->text_room = room;
	return 0;
}

int batch_init(struct batch *batch)
{
	*batch = (struct batch){ 0 };
	return resize_args(batch, ARGS_FIRST) < 0 || resize_text(batch, SHINY_RESP_LINE_MAX) < 0
		       ? -ENOMEM
		       : 0;
}

void batch_finish(struct batch *batch)
{
	free(batch->args);
	free(batch->text);
	*batch = (struct batch){ 0 };
}

/* Makes room for a request that did not fit into the empty batch. */
static int grow_buffers(struct batch *batch, const struct shiny_resp_parser *parser)
{
	return parser->is_line ? resize_text(batch, parser->want)
			       : resize_args(batch, parser->want);
}

/* Gives back what only an unusual request needed. */
static void shrink_buffers(struct batch *batch)
{
	if (batch->args_room > ARGS_KEPT) {
		resize_args(batch, ARGS_FIRST);
	}
	if (batch->text_room > SHINY_RESP_LINE_MAX) {
		resize_text(batch, SHINY_RESP_LINE_MAX);
	}
}

/* Finds the command, and asks for the bucket of its first key if that is @far. */
static inline void look_up_command(struct batch_request *request, const struct call *call, bool far)
{
	struct instance *instance = call->instance;
	const struct shiny_resp_arg *name = &request->argv[0], *key = &request->argv[1];

	request->command = shiny_resp_find(&instance->commands, name->data, name->len);
	request->has_key = false;
	if (request->command && request->command->keys.first && request->argc > 1) {
		request->has_key = true;
		request->hash = table_hash(key->data, key->len, instance->keyspace.seed);
		if (far) {
			table_prefetch(&instance->keyspace.db[call->db], request->hash);
		}
	}
}

static inline bool is_large(const struct batch_request *request, const struct call *call)
{
	return request->len >= LARGE_MIN && call->conn;
}

/* Of a request that has so many that they take time. */
static void count_arguments(void *work)
{
	work_add(work, SHINY_RESP_PROGRESS_ARGS * (size_t)WORK_LOOK);
}

/* Reads requests until the batch is full or the data, or the room, ends; returns how many. */
static unsigned read_requests(struct batch *batch, const struct call *call,
			      struct shiny_resp_parser *parser, const char **data, const char *end,
			      bool far, enum shiny_resp_status *ret_status)
{
	/* A password that is said changes what may follow it. */
	bool locked = call_is_locked(call);
	unsigned count = 0, most = locked ? 1 : BATCH_MAX;
	const char *blank_end = *data + BLANKS_MOST;

	/* One by one: to clear the rest of it, too, is felt where requests are short. */
	parser->args = batch->args;
	parser->room = batch->args_room;
	parser->text = batch->text;
	parser->text_room = batch->text_room;
	parser->limits = locked ? &unauthenticated : NULL;
	*ret_status = SHINY_RESP_COMPLETE;
	while (*data < end && count < most) {
		struct batch_request *request = &batch->requests[count];

		if (shiny_resp_parse_quick(parser, *data, end)) {
			*ret_status = SHINY_RESP_COMPLETE;
			request->raw = *data;
		} else {
			*ret_status = shiny_resp_parse(parser, *data, (size_t)(end - *data));
			if (*ret_status == SHINY_RESP_EMPTY) {
				most = *data >= blank_end ? count : most;
				*data += parser->used;
				continue;
			}
			if (*ret_status != SHINY_RESP_COMPLETE) {
				break;
			}
			request->raw = parser->exact ? *data : NULL;
			parser->text += parser->text_used;
			parser->text_room -= parser->text_used;
		}
		request->argv = parser->args;
		request->argc = parser->argc;
		request->data = *data;
		request->len = parser->used;
		look_up_command(request, call, far);
		parser->args += parser->argc;
		parser->room -= parser->argc;
		*data += parser->used;
		count++;
		if (is_large(request, call)) {
			most = count;
		}
	}
	return count;
}

/*
 * Asks for the entries that the requests will need; their buckets have arrived. How large they are
 * is not known without looking at them, but most are as large as the last one of the batch before.
 */
static void prefetch_entries(const struct batch *batch, unsigned count, const struct table *table)
{
	for (unsigned i = 0; i < count; i++) {
		const struct batch_request *request = &batch->requests[i];
		const char *entry;

		if (!request->has_key ||
		    !(entry = (const char *)table_candidate(table, request->hash))) {
			continue;
		}
		for (size_t at = 0; at < batch->usual_size; at += LINE_SIZE) {
			prefetch(entry + at);
		}
		prefetch(entry + batch->usual_size);
	}
}

static void remember_usual_size(struct batch *batch, unsigned count, const struct table *table)
{
	const struct batch_request *last = &batch->requests[count - 1];
	const struct entry *entry;

	if (last->has_key && (entry = table_candidate(table, last->hash))) {
		size_t size = entry_size(entry) - 1;

		batch->usual_size = size < PREFETCH_MAX ? size : PREFETCH_MAX;
	}
}

/* Whether other clients are to have their turn first. A file has none to wait for. */
static bool is_turn_over(const struct call *call)
{
	return call->instance->work.over && call->conn;
}

/*
 * Whether no further request of this client is to be run now: its turn is over, or it takes no more
 * replies, for now or for good. The statistics get what the last request has done.
 */
static inline bool is_full(const struct call *call)
{
	struct reply *reply = reply_of(call->reply);

	if (!reply->grown) {
		return false;
	}
	reply->grown = false;
	command_account(call);
	return reply->resp.failed || (reply->resp.conn && shiny_congested(reply->resp.conn)) ||
	       is_turn_over(call);
}

/* Runs the requests in order; returns how many were run. */
static unsigned run_requests(struct batch *batch, unsigned count, struct call *call)
{
	unsigned i = 0;

	while (i < count && !call->close && !is_full(call)) {
		const struct batch_request *request = &batch->requests[i++];

		call->command = request->command;
		call->argv = request->argv;
		call->argc = request->argc;
		call->raw = request->raw;
		call->raw_len = request->len;
		call->hash = request->hash;
		command_run(call);
	}
	batch->requests_run += i;
	return i;
}

/* What goes wrong from here on is not the last command's fault. */
static void end_command(struct call *call)
{
	command_account(call);
	call->command = NULL;
}

/*
 * The next requests are written over the arguments of the last one, or the memory of those is freed. So
 * what it took is noted now; the slow log takes no request without arguments.
 */
static void end_arguments(struct call *call)
{
	command_account(call);
	call->argv = NULL;
}

struct batch_result batch_run(struct batch *batch, struct call *call, const char *data, size_t len)
{
	const char *p = data, *end = data + len;
	struct batch_result result = { 0 };
	struct shiny_resp_parser parser;
	struct reply *reply = reply_of(call->reply);
	enum shiny_resp_status status;
	bool large;

	command_begin(call);
	parser.strict = !call->conn;
	parser.progress = count_arguments;
	parser.progress_ctx = &call->instance->work;
	do {
		const char *start = p;
		const struct table *table = &call->instance->keyspace.db[call->db];
		bool far = table->count >= PREFETCH_COUNT;
		unsigned count;

		if (p > data) {
			end_arguments(call);
		}
		count = read_requests(batch, call, &parser, &p, end, far, &status);

		if (start == data) { /* to read the first one, however long it is, is no turn yet */
			work_begin(&call->instance->work, &reply->grown);
		}
		far = far && count > 1;
		if (far) {
			prefetch_entries(batch, count, table);
		}
		unsigned run = run_requests(batch, count, call);
		work_add(&call->instance->work, run * WORK_REQUEST + (size_t)(p - start));
		if (far) {
			remember_usual_size(batch, count, table);
		}
		if (reply->terms->fatal && reply->resp.failed) {
			run--; /* the request that failed is to be named */
		}
		if (run < count) {
			p = batch->requests[run].data;
			status = SHINY_RESP_COMPLETE;
			break;
		}
		if (status == SHINY_RESP_ROOM && p == start && grow_buffers(batch, &parser) < 0) {
			end_command(call);
			call_memory_error(call);
			call->close = true;
		} else if (status == SHINY_RESP_ERROR) {
			end_command(call);
			shiny_resp_error(call->reply, "ERR Protocol error: %s", parser.error);
			call->close = result.wrong = true;
		}
		large = count > 0 && is_large(&batch->requests[count - 1], call);
	} while (p < end && !call->close && status != SHINY_RESP_MORE && !large &&
		 !is_turn_over(call));

	work_end(&call->instance->work);
	shiny_resp_flush(call->reply);
	if (call->instance->aof) {
		aof_gather_raw(call->instance->aof);
	}
	command_end(call); /* it may look at the last arguments, which shrink_buffers() may free */
	shrink_buffers(batch);
	result.used = (size_t)(p - data);
	result.want = status == SHINY_RESP_MORE ? parser.want : 0;
	result.end = call->close || call->reply->failed;
	return result;
}
