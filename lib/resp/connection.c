/* SPDX-License-Identifier: MIT */
/*
 * Commands about the connection itself, for the tables of others; and which version of the protocol it
 * speaks, which takes no memory.
 */
#include "serve.h"

#include <errno.h>

/* What the user pointer of a connection that speaks version 3 points to, where it has no other use. */
static const char speaks_resp3;

bool shiny_resp_is_resp3(const struct shiny_resp *resp, struct shiny_conn *conn, void *ctx)
{
	return resp->options.resp3 ? *resp->options.resp3(conn, ctx)
				   : shiny_user(conn) == &speaks_resp3;
}

int shiny_resp_set_resp3(const struct shiny_resp *resp, struct shiny_conn *conn, void *ctx,
			 bool resp3)
{
	const void *user = shiny_user(conn);

	if (resp->options.resp3) {
		*resp->options.resp3(conn, ctx) = resp3;
	} else if (!user || user == &speaks_resp3) {
		shiny_set_user(conn, resp3 ? (void *)(uintptr_t)&speaks_resp3 : NULL);
	} else if (resp3) {
		return -EBUSY;
	}
	return 0;
}

void shiny_resp_run_echo(struct shiny_resp_call *call)
{
	shiny_resp_bulk(call->reply, call->argv[1].data, call->argv[1].len);
}

void shiny_resp_run_ping(struct shiny_resp_call *call)
{
	if (call->argc == 1) {
		shiny_resp_literal(call->reply, "+PONG\r\n");
	} else if (call->argc == 2) {
		shiny_resp_bulk(call->reply, call->argv[1].data, call->argv[1].len);
	} else {
		shiny_resp_wrong_arity(call->reply, NULL, "ping");
	}
}

void shiny_resp_run_quit(struct shiny_resp_call *call)
{
	shiny_resp_ok(call->reply);
	call->close = true;
}

void shiny_resp_run_auth(struct shiny_resp_call *call)
{
	const struct shiny_resp_arg user = SHINY_RESP_ARG("default");

	if (call->argc > 3) {
		shiny_resp_error(call->reply, "ERR syntax error");
	} else if (!call->resp->options.auth) {
		shiny_resp_error(call->reply, "ERR AUTH called without any password configured");
	} else if (call->resp->options.auth(call, call->argc == 2 ? &user : &call->argv[1],
					    &call->argv[call->argc - 1])) {
		shiny_resp_ok(call->reply);
	}
}

static void reply_hello(struct shiny_resp_call *call, int64_t version)
{
	const struct shiny_resp_options *options = &call->resp->options;
	struct shiny_resp_reply *reply = call->reply;

	shiny_resp_map(reply, 7);
	shiny_resp_bulk_text(reply, "server");
	shiny_resp_bulk_text(reply, options->server ? options->server : "shiny");
	shiny_resp_bulk_text(reply, "version");
	shiny_resp_bulk_text(reply, options->version ? options->version : SHINY_VERSION);
	shiny_resp_bulk_text(reply, "proto");
	shiny_resp_integer(reply, version);
	shiny_resp_bulk_text(reply, "id");
	shiny_resp_integer(reply, (int64_t)shiny_id(call->conn));
	shiny_resp_bulk_text(reply, "mode");
	shiny_resp_bulk_text(reply, "standalone");
	shiny_resp_bulk_text(reply, "role");
	shiny_resp_bulk_text(reply, "master");
	shiny_resp_bulk_text(reply, "modules");
	shiny_resp_array(reply, 0);
}

/* Reads the option at *@index, and leaves *@index at its last word; *@ret_auth is where a user's name
 * is, with the password behind it. False after an error reply. */
static bool read_hello_option(struct shiny_resp_call *call, size_t *index, size_t *ret_auth)
{
	const struct shiny_resp_arg *option = &call->argv[*index];
	size_t more = call->argc - 1 - *index;

	if (shiny_resp_arg_is(option, "auth") && more >= 2 && call->resp->options.auth) {
		*ret_auth = *index + 1;
		*index += 2;
		return true;
	}
	if (shiny_resp_arg_is(option, "setname") && more >= 1) {
		++*index; /* names are for who lists clients */
		return true;
	}
	shiny_resp_error(call->reply, "ERR Syntax error in HELLO option '%.*s'",
			 SHINY_RESP_ARG_FORMAT(option, 128));
	return false;
}

void shiny_resp_run_hello(struct shiny_resp_call *call)
{
	struct shiny_resp_reply *reply = call->reply;
	int64_t version = reply->resp3 ? 3 : 2;
	size_t auth = 0;

	if (call->argc > 1 &&
	    !shiny_resp_parse_integer(call->argv[1].data, call->argv[1].len, &version)) {
		shiny_resp_error(reply, "ERR Protocol version is not an integer or out of range");
		return;
	}
	if (version != 2 && version != 3) {
		shiny_resp_error(reply, "NOPROTO unsupported protocol version");
		return;
	}
	for (size_t i = 2; i < call->argc; i++) {
		if (!read_hello_option(call, &i, &auth)) {
			return;
		}
	}
	if (auth && !call->resp->options.auth(call, &call->argv[auth], &call->argv[auth + 1])) {
		return;
	}
	if (shiny_resp_set_resp3(call->resp, call->conn, call->ctx, version == 3) < 0) {
		shiny_resp_error(reply, "NOPROTO unsupported protocol version");
		return;
	}
	reply->resp3 = version == 3;
	reply_hello(call, version);
}
