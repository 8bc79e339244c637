/* SPDX-License-Identifier: MIT */
/*
 * Commands about the server: its time, its end, and what it does not have.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

#include <time.h>

/* A peer on this machine. */
static bool is_local(const struct shiny_conn *conn)
{
	static const char *const local[] = { "unix:", "tcp://127.", "tcp://[::1]:" };
	char peer[SHINY_ADDRESS_MAX];

	if (shiny_peer(conn, peer, sizeof(peer)) < 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		if (strncmp(peer, local[i], strlen(local[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* There is nothing to save at the end that is not in the append-only file, so that Redis's options
 * make no difference. */
static bool read_shutdown_options(struct call *call)
{
	static const char *const options[] = { "nosave", "save", "now", "force" };

	for (size_t i = 1; call_has(call, i); i++) {
		size_t n = 0;

		while (n < 4 && !shiny_resp_arg_is(&call->argv[i], options[n])) {
			n++;
		}
		if (n == 4) {
			call_syntax_error(call);
			return false;
		}
	}
	return true;
}

void cmd_shutdown(struct call *call)
{
	if (!read_shutdown_options(call)) {
		return;
	}
	if (!call->instance->settings.allow_shutdown || !is_local(call->conn)) {
		shiny_resp_error(call->reply,
				 "ERR SHUTDOWN is not allowed. It needs allow_shutdown = yes, "
				 "and a client on the same machine.");
		return;
	}
	call->instance->stopping = true;
	call->close = true;
}

/* There are no functions; test harnesses ask for their removal. */
void cmd_function_flush(struct call *call)
{
	if (call->argc > 3) {
		shiny_resp_error(call->reply,
				 "ERR unknown subcommand or wrong number of arguments for "
				 "'FLUSH'. Try FUNCTION HELP.");
	} else if (call->argc == 3 && !shiny_resp_arg_is(&call->argv[2], "sync") &&
		   !shiny_resp_arg_is(&call->argv[2], "async")) {
		shiny_resp_error(call->reply, "ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
	} else {
		shiny_resp_ok(call->reply);
	}
}

void cmd_time(struct call *call)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	shiny_resp_array(call->reply, 2);
	shiny_resp_bulk_integer(call->reply, ts.tv_sec);
	shiny_resp_bulk_integer(call->reply, ts.tv_nsec / 1000);
}
