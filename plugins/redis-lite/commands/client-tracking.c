/* SPDX-License-Identifier: MIT */
/*
 * CLIENT TRACKING: who asks to be told.
 */
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

static void stop_tracking(struct client *client)
{
	tracking_stop(client->tracker);
	client->tracker = NULL;
	client->state &= ~(unsigned)CLIENT_TRACKING;
}

/* If it is on already, what was read is still known. */
static void start_tracking(struct call *call, struct client *client, bool noloop)
{
	if (client->tracker) {
		tracking_set_noloop(client->tracker, noloop);
	} else {
		client->tracker =
			tracking_start(&call->instance->keyspace.watches, call->conn, noloop);
	}
	if (!client->tracker) {
		call_memory_error(call);
		return;
	}
	client->state |= CLIENT_TRACKING;
	shiny_resp_ok(call->reply);
}

/* Of the ways to track there is the usual one. False after an error reply. */
static bool read_options(struct call *call, bool *ret_noloop)
{
	static const char *const others[] = { "bcast", "optin", "optout", "prefix", "redirect" };

	for (size_t i = 3; call_has(call, i); i++) {
		const struct shiny_resp_arg *option = &call->argv[i];

		if (shiny_resp_arg_is(option, "noloop")) {
			*ret_noloop = true;
			continue;
		}
		for (size_t n = 0; n < sizeof(others) / sizeof(others[0]); n++) {
			if (shiny_resp_arg_is(option, others[n])) {
				shiny_resp_error(call->reply,
						 "ERR CLIENT TRACKING does not know '%.*s' here",
						 SHINY_RESP_ARG_FORMAT(option, 128));
				return false;
			}
		}
		call_syntax_error(call);
		return false;
	}
	return true;
}

void cmd_client_tracking(struct call *call)
{
	bool on = shiny_resp_arg_is(&call->argv[2], "on"), noloop = false;

	if (!on && !shiny_resp_arg_is(&call->argv[2], "off")) {
		call_syntax_error(call);
		return;
	}
	if (!read_options(call, &noloop) || !call_client(call)) {
		return;
	}
	if (on) {
		start_tracking(call, call->client, noloop);
	} else {
		stop_tracking(call->client);
		shiny_resp_ok(call->reply);
	}
}
