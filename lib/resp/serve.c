/* SPDX-License-Identifier: MIT */
/*
 * A handler made of a table of commands: parse what has come, run it, give the rest back.
 *
 * All that a request needs is there before the first one comes: room for as many arguments as one may
 * have, and for the longest line. So nothing is allocated while it serves.
 */
#include "serve.h"

#include <errno.h>
#include <stdlib.h>

static int check_options(const struct shiny_resp_options *options)
{
	const char *rest = (const char *)options + sizeof(*options);

	if (options->size < offsetof(struct shiny_resp_options, line_max)) {
		return -EINVAL;
	}
	for (size_t i = sizeof(*options); i < options->size; i++, rest++) {
		if (*rest) {
			return -E2BIG;
		}
	}
	return 0;
}

static int set_options(struct shiny_resp *resp, const struct shiny_resp_options *options)
{
	int r = options ? check_options(options) : 0;

	if (r < 0) {
		return r;
	}
	if (options) {
		memcpy(&resp->options, options,
		       options->size < sizeof(*options) ? options->size : sizeof(*options));
	}
	if (resp->options.line_max > SHINY_RESP_LINE_MAX ||
	    (uint64_t)resp->options.bulk_max > SHINY_RESP_BULK_MAX ||
	    resp->options.args_max > SHINY_RESP_ARGS_MAX) {
		return -EINVAL;
	}
	resp->limits = (struct shiny_resp_limits){
		.line = resp->options.line_max ? resp->options.line_max : SHINY_RESP_LINE_MAX,
		.bulk = resp->options.bulk_max ? resp->options.bulk_max : SHINY_RESP_BULK_MAX,
		.args = resp->options.args_max ? resp->options.args_max : SHINY_RESP_SERVE_ARGS,
	};
	return 0;
}

static int add_commands(struct shiny_resp *resp, const struct shiny_resp_command *commands)
{
	int r = 0;

	for (; commands->name && r == 0; commands++) {
		r = commands->run && commands->arity != 0
			    ? shiny_resp_index_add(&resp->index, commands->name, commands)
			    : -EINVAL;
	}
	return r;
}

int shiny_resp_create(const struct shiny_resp_command *commands,
		      const struct shiny_resp_options *options, struct shiny_resp **ret_resp)
{
	struct shiny_resp *resp = calloc(1, sizeof(*resp));
	int r;

	if (!resp) {
		return -ENOMEM;
	}
	r = commands ? set_options(resp, options) : -EINVAL;
	r = r < 0 ? r : add_commands(resp, commands);
	if (r == 0) {
		resp->args = calloc(resp->limits.args, sizeof(*resp->args));
		resp->text = malloc(resp->limits.line);
		r = resp->args && resp->text ? 0 : -ENOMEM;
	}
	if (r < 0) {
		shiny_resp_destroy(resp);
		return r;
	}
	*ret_resp = resp;
	return 0;
}

void shiny_resp_destroy(struct shiny_resp *resp)
{
	if (resp) {
		free(resp->args);
		free(resp->text);
		free(resp);
	}
}

static void run(const struct shiny_resp *resp, struct shiny_resp_call *call)
{
	const struct shiny_resp_command *command =
		shiny_resp_find(&resp->index, call->argv[0].data, call->argv[0].len);

	call->command = command;
	if (command) {
		if (!shiny_resp_has_arity(command->arity, call->argc)) {
			shiny_resp_wrong_arity(call->reply, NULL, command->name);
		} else if (!resp->options.check || resp->options.check(call)) {
			command->run(call);
		}
	} else if (shiny_resp_is_http(&call->argv[0])) {
		call->close = true;
	} else if (resp->options.unknown) {
		resp->options.unknown(call);
	} else {
		shiny_resp_unknown_command(call->reply, call->argv, call->argc);
	}
}

static void refuse(struct shiny_resp_call *call, const char *why)
{
	shiny_resp_error(call->reply, "ERR Protocol error: %s", why);
	call->close = true;
}

static enum shiny_resp_status parse(struct shiny_resp_parser *parser, const char *data,
				    const char *end)
{
	return shiny_resp_parse_quick(parser, data, end)
		       ? SHINY_RESP_COMPLETE
		       : shiny_resp_parse(parser, data, (size_t)(end - data));
}

/* Runs requests until there is no other that is whole, or the client takes no more replies; returns
 * where it has come to. *@ret_want is how long what is left is at least, or 0. */
static const char *run_all(const struct shiny_resp *resp, struct shiny_resp_call *call,
			   const char *data, const char *end, size_t *ret_want)
{
	struct shiny_resp_parser parser;
	uint64_t flushed = 0;

	parser.args = resp->args;
	parser.room = resp->limits.args;
	parser.text = resp->text;
	parser.text_room = resp->limits.line;
	parser.limits = &resp->limits;
	parser.progress = NULL;
	parser.strict = false;
	while (data < end && !call->close && !call->reply->failed) {
		switch (parse(&parser, data, end)) {
		case SHINY_RESP_COMPLETE:
			call->argv = parser.args;
			call->argc = parser.argc;
			run(resp, call);
			break;
		case SHINY_RESP_EMPTY:
			break;
		case SHINY_RESP_MORE:
			*ret_want = parser.want;
			return data;
		case SHINY_RESP_ROOM:
			refuse(call, parser.is_line ? "too big inline request"
						    : "too many arguments in inline request");
			return data;
		case SHINY_RESP_ERROR:
			refuse(call, parser.error);
			return data;
		}
		data += parser.used;
		if (call->reply->flushed != flushed) {
			flushed = call->reply->flushed;
			if (shiny_congested(call->conn)) {
				break;
			}
		}
	}
	return data;
}

/* What is longer than max_input never comes whole. */
static bool give_back(struct shiny_resp_call *call, size_t len, size_t want)
{
	if (shiny_unread(call->conn, len, want) == 0) {
		return true;
	}
	refuse(call, "request is larger than max_input");
	shiny_resp_flush(call->reply);
	return false;
}

bool shiny_resp_serve(const struct shiny_resp *resp, struct shiny_conn *conn, const char *data,
		      size_t len, void *ctx)
{
	struct shiny_resp_reply reply = {
		.conn = conn,
		.resp3 = shiny_resp_is_resp3(resp, conn, ctx),
	};
	struct shiny_resp_call call = {
		.size = sizeof(call), .resp = resp, .conn = conn, .ctx = ctx, .reply = &reply
	};
	const char *end = data + len, *rest;
	size_t want = 0;

	rest = run_all(resp, &call, data, end, &want);
	shiny_resp_flush(&reply);
	if (call.close || reply.failed) {
		return false;
	}
	return rest == end || give_back(&call, (size_t)(end - rest), want);
}

bool shiny_resp_take_integer(struct shiny_resp_call *call, size_t index, int64_t least,
			     int64_t most, int64_t *ret_value)
{
	const struct shiny_resp_arg *arg = &call->argv[index];
	int64_t value;

	if (!shiny_resp_parse_integer(arg->data, arg->len, &value) || value < least ||
	    value > most) {
		shiny_resp_error(call->reply, "ERR value is not an integer or out of range");
		return false;
	}
	*ret_value = value;
	return true;
}
