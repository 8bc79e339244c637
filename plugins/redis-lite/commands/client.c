/* SPDX-License-Identifier: MIT */
/*
 * CLIENT: what a connection calls itself, and whether it wants replies.
 */
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

#include <errno.h>

/* False after an error reply. */
static bool set_label(struct call *call, struct client_label *label,
		      const struct shiny_resp_arg *value, const struct shiny_resp_arg *what)
{
	int r = client_label_set(label, value->data, value->len);

	if (r == -EINVAL) {
		shiny_resp_error(call->reply,
				 "ERR %.*s cannot contain spaces, newlines or special characters.",
				 SHINY_RESP_ARG_FORMAT(what, 128));
	} else if (r == -ENOBUFS) {
		shiny_resp_error(call->reply, "ERR %.*s cannot be longer than %d bytes.",
				 SHINY_RESP_ARG_FORMAT(what, 128), CLIENT_LABEL_MAX);
	} else if (r < 0) {
		call_memory_error(call);
	}
	return r == 0;
}

bool call_set_name(struct call *call, const struct shiny_resp_arg *name)
{
	return call_client(call) &&
	       set_label(call, &call->client->name, name, &SHINY_RESP_ARG("Client names"));
}

void cmd_client_setname(struct call *call)
{
	if (call_set_name(call, &call->argv[2])) {
		shiny_resp_ok(call->reply);
	}
}

void cmd_client_getname(struct call *call)
{
	if (call->client && call->client->name.data) {
		shiny_resp_bulk(call->reply, call->client->name.data, call->client->name.len);
	} else {
		shiny_resp_null(call->reply);
	}
}

void cmd_client_id(struct call *call)
{
	shiny_resp_integer(call->reply, (int64_t)shiny_id(call->conn));
}

void cmd_client_setinfo(struct call *call)
{
	const struct shiny_resp_arg *attribute = &call->argv[2];
	bool is_name = shiny_resp_arg_is(attribute, "lib-name");
	struct client *client;

	if (!is_name && !shiny_resp_arg_is(attribute, "lib-ver")) {
		shiny_resp_error(call->reply, "ERR Unrecognized option '%.*s'",
				 SHINY_RESP_ARG_FORMAT(attribute, 128));
		return;
	}
	client = call_client(call);
	if (client && set_label(call, is_name ? &client->lib_name : &client->lib_version,
				&call->argv[3], attribute)) {
		shiny_resp_ok(call->reply);
	}
}

void cmd_client_reply(struct call *call)
{
	const struct shiny_resp_arg *mode = &call->argv[2];
	struct client *client;

	if (!shiny_resp_arg_is(mode, "on") && !shiny_resp_arg_is(mode, "off") &&
	    !shiny_resp_arg_is(mode, "skip")) {
		call_syntax_error(call);
		return;
	}
	client = call_client(call);
	if (!client) {
		return;
	}
	if (shiny_resp_arg_is(mode, "on")) {
		client->state &= ~(unsigned)CLIENT_SILENT;
		reply_unmute(call->reply, call->conn);
		shiny_resp_ok(call->reply);
	} else if (shiny_resp_arg_is(mode, "off")) {
		client->state |= CLIENT_SILENT;
		reply_mute(call->reply);
	} else if (!(client->state & CLIENT_SILENT)) {
		client->state |= CLIENT_SKIP;
	}
}

/* No client is ever evicted. */
void cmd_client_no_evict(struct call *call)
{
	if (shiny_resp_arg_is(&call->argv[2], "on") || shiny_resp_arg_is(&call->argv[2], "off")) {
		shiny_resp_ok(call->reply);
	} else {
		call_syntax_error(call);
	}
}
