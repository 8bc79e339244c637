// SPDX-License-Identifier: MIT
//
// A program in C++ that serves: it links, and the calls have C's names.
#include <shiny.h>

#include <shiny-plugin.h>
#include <shiny-resp-inline.h>

#include <cstddef>
#include <cstdio>

static bool end_at_once(void *ctx)
{
	++*static_cast<int *>(ctx);
	return false;
}

// What a plugin asks before it reads a member that not every host has.
static bool an_older_host_is_known()
{
	shiny_host host = {};

	host.size = offsetof(shiny_host, stats);
	if (!SHINY_HOST_HAS(&host, log) || SHINY_HOST_HAS(&host, stats)) {
		return false;
	}
	host.size = offsetof(shiny_host, max_connections);
	if (!SHINY_HOST_HAS(&host, stats) || SHINY_HOST_HAS(&host, max_connections) ||
	    !SHINY_HOST_COUNTS(&host, turns) || SHINY_HOST_COUNTS(&host, progress)) {
		return false;
	}
	host.size = sizeof(host);
	host.stats_size = sizeof(shiny_stats);
	return SHINY_HOST_COUNTS(&host, progress);
}

static void greet(shiny_resp_call *call)
{
	shiny_resp_ok(call->reply);
}

// A server of Redis's protocol.
static bool a_table_of_commands_is_taken()
{
	static const shiny_resp_command commands[] = {
		{ "greet", 1, 0, greet },
		SHINY_RESP_CONNECTION_COMMANDS,
		{},
	};
	const shiny_resp_arg arg = SHINY_RESP_ARG("Greet");
	shiny_resp_options options = SHINY_RESP_OPTIONS;
	shiny_resp_index index = {};
	shiny_resp *resp;

	if (shiny_resp_create(commands, &options, &resp) < 0) {
		return false;
	}
	shiny_resp_destroy(resp);
	return shiny_resp_index_add(&index, "greet", commands) == 0 &&
	       shiny_resp_find(&index, arg.data, arg.len) == commands;
}

int main()
{
	if (!a_table_of_commands_is_taken()) {
		std::fprintf(stderr, "shiny-resp.h is wrong\n");
		return 1;
	}
	if (!an_older_host_is_known()) {
		std::fprintf(stderr, "SHINY_HOST_HAS() is wrong\n");
		return 1;
	}
	shiny_handlers handlers = {};
	shiny_options options = SHINY_OPTIONS;
	int ticks = 0;

	handlers.tick = end_at_once;
	options.max_connections = 10;
	int result = shiny_serve("tcp://127.0.0.1:0", &handlers, &options, &ticks);
	if (result != 0 || ticks != 1) {
		std::fprintf(stderr, "result %d, %d ticks\n", result, ticks);
		return 1;
	}
	return 0;
}
