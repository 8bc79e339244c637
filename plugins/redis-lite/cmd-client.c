/* SPDX-License-Identifier: MIT */
/*
 * CLIENT: what is known of connections.
 */
#include "client.h"
#include "cmd.h"
#include "command.h"

#include <errno.h>

bool call_set_name(struct call *call, const struct resp_arg *name)
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
	if (call_set_name(call, &call->argv[2])) {
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
