/* SPDX-License-Identifier: MIT */
/*
 * Commands about the connection itself.
 */
#include "client.h"
#include "cmd.h"
#include "command.h"
#include "instance.h"

#include <errno.h>
#include <limits.h>

void cmd_ping(struct call *call)
{
	if (call->argc == 1) {
		reply_literal(call->reply, "+PONG\r\n");
	} else if (call->argc == 2) {
		reply_bulk(call->reply, call->argv[1].data, call->argv[1].len);
	} else {
		call_arity_error(call);
	}
}

void cmd_echo(struct call *call)
{
	reply_bulk(call->reply, call->argv[1].data, call->argv[1].len);
}

void cmd_quit(struct call *call)
{
	reply_ok(call->reply);
	call->close = true;
}

void cmd_reset(struct call *call)
{
	if (call->client) {
		client_reset(call->client, &call->instance->keyspace.watches);
	}
	call->db = 0;
	call->reply->resp3 = false;
	reply_literal(call->reply, "+RESET\r\n");
}

void cmd_select(struct call *call)
{
	int64_t db;

	if (!call_number(call, 1, &db)) {
		return;
	}
	if (db < INT_MIN || db > INT_MAX) {
		reply_error(call->reply, "ERR value is out of range, value must between %d and %d",
			    INT_MIN, INT_MAX);
		return;
	}
	if (db < 0 || db >= KEYSPACE_DBS) {
		reply_error(call->reply, "ERR DB index is out of range");
		return;
	}
	if (call->conn && (call->client || db != 0)) {
		if (!call_client(call)) {
			return;
		}
		call->client->db = (unsigned)db;
	}
	call->db = (unsigned)db;
	reply_ok(call->reply);
}

/* False after an error reply. */
static bool set_name(struct call *call, const struct resp_arg *name)
{
	int r;

	if (!call_client(call)) {
		return false;
	}
	r = client_set_name(call->client, name->data, name->len);
	if (r == -EINVAL) {
		reply_error(call->reply, "ERR Client names cannot contain spaces, newlines or "
					 "special characters.");
	} else if (r < 0) {
		call_memory_error(call);
	}
	return r == 0;
}

void cmd_client_setname(struct call *call)
{
	if (set_name(call, &call->argv[2])) {
		reply_ok(call->reply);
	}
}

void cmd_client_getname(struct call *call)
{
	if (call->client && call->client->name) {
		reply_bulk(call->reply, call->client->name, call->client->name_len);
	} else {
		reply_null(call->reply);
	}
}

void cmd_client_id(struct call *call)
{
	reply_number(call->reply, (int64_t)shiny_id(call->conn));
}

/* Client libraries introduce themselves with it; nothing shows what they say. */
void cmd_client_setinfo(struct call *call)
{
	const struct resp_arg *attribute = &call->argv[2], *value = &call->argv[3];

	if (!arg_is(attribute, "lib-name") && !arg_is(attribute, "lib-ver")) {
		reply_error(call->reply, "ERR Unrecognized option '%.*s'",
			    ARG_FORMAT(attribute, 128));
		return;
	}
	for (size_t i = 0; i < value->len; i++) {
		if (value->data[i] < '!' || value->data[i] > '~') {
			reply_error(call->reply,
				    "ERR %.*s cannot contain spaces, newlines or "
				    "special characters.",
				    ARG_FORMAT(attribute, 128));
			return;
		}
	}
	reply_ok(call->reply);
}

static bool takes_hello_option(struct call *call, size_t *index)
{
	const struct resp_arg *option = &call->argv[*index];
	size_t more = call->argc - 1 - *index;

	if (arg_is(option, "auth") && more >= 2) {
		/* There are no passwords yet, and the default user needs none. */
		if (!arg_is(&call->argv[*index + 1], "default")) {
			reply_error(call->reply, "WRONGPASS invalid username-password pair or user "
						 "is disabled.");
			return false;
		}
		*index += 2;
		return true;
	}
	if (arg_is(option, "setname") && more >= 1) {
		return set_name(call, &call->argv[++*index]);
	}
	reply_error(call->reply, "ERR Syntax error in HELLO option '%.*s'",
		    ARG_FORMAT(option, 128));
	return false;
}

/* From this reply on. False after an error reply. */
static bool set_protocol(struct call *call, bool resp3)
{
	if (resp3 != call->reply->resp3) {
		if (!call_client(call)) {
			return false;
		}
		call->client->resp3 = call->reply->resp3 = resp3;
	}
	return true;
}

void cmd_hello(struct call *call)
{
	struct reply *reply = call->reply;
	int64_t version = reply->resp3 ? 3 : 2;

	if (call->argc > 1 && !number_parse(call->argv[1].data, call->argv[1].len, &version)) {
		reply_error(reply, "ERR Protocol version is not an integer or out of range");
		return;
	}
	if (version != 2 && version != 3) {
		reply_error(reply, "NOPROTO unsupported protocol version");
		return;
	}
	for (size_t i = 2; i < call->argc; i++) {
		if (!takes_hello_option(call, &i)) {
			return;
		}
	}
	if (!set_protocol(call, version == 3)) {
		return;
	}
	reply_map(reply, 7);
	reply_bulk_text(reply, "server");
	reply_bulk_text(reply, "redis");
	reply_bulk_text(reply, "version");
	reply_bulk_text(reply, REDIS_VERSION);
	reply_bulk_text(reply, "proto");
	reply_number(reply, version);
	reply_bulk_text(reply, "id");
	reply_number(reply, (int64_t)shiny_id(call->conn));
	reply_bulk_text(reply, "mode");
	reply_bulk_text(reply, "standalone");
	reply_bulk_text(reply, "role");
	reply_bulk_text(reply, "master");
	reply_bulk_text(reply, "modules");
	reply_array(reply, 0);
}
