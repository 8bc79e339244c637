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
static void start_tracking(struct call *call, struct client *client, bool spare_own)
{
	if (client->tracker) {
		tracking_spare_own(client->tracker, spare_own);
	} else {
		client->tracker =
			tracking_start(&call->instance->keyspace.watches, call->conn, spare_own);
	}
	if (!client->tracker) {
		call_memory_error(call);
		return;
	}
	client->state |= CLIENT_TRACKING;
	shiny_resp_ok(call->reply);
}

/* Of the ways to track there is the usual one. False after an error reply. */
static bool reads_tracking_options(struct call *call, bool *ret_spare_own)
{
	static const char *const others[] = { "bcast", "optin", "optout", "prefix", "redirect" };

	for (size_t i = 3; call_has(call, i); i++) {
		const struct shiny_resp_arg *option = &call->argv[i];

		if (shiny_resp_arg_is(option, "noloop")) {
			*ret_spare_own = true;
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
	bool on = shiny_resp_arg_is(&call->argv[2], "on"), spare_own = false;

	if (!on && !shiny_resp_arg_is(&call->argv[2], "off")) {
		call_syntax_error(call);
		return;
	}
	if (!reads_tracking_options(call, &spare_own) || !call_client(call)) {
		return;
	}
	if (on) {
		start_tracking(call, call->client, spare_own);
	} else {
		stop_tracking(call->client);
		shiny_resp_ok(call->reply);
	}
}
