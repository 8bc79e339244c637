/* SPDX-License-Identifier: MIT */
/*
 * Commands about what is on the disk.
 */
#include "aof/aof.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

void cmd_bgrewriteaof(struct call *call)
{
	struct aof *aof = call->instance->aof;

	if (!aof) {
		shiny_resp_error(call->reply, "ERR There is no append only file (appendonly = no)");
	} else if (aof_schedule_rewrite(aof) < 0) {
		shiny_resp_error(call->reply,
				 "ERR Background append only file rewriting already in progress");
	} else {
		shiny_resp_status(call->reply, "Background append only file rewriting started");
	}
}

void cmd_lastsave(struct call *call)
{
	struct aof_status status = { .saved_ms = call->instance->started_ms };

	if (call->instance->aof) {
		aof_get_status(call->instance->aof, &status);
	}
	shiny_resp_integer(call->reply, status.saved_ms / 1000);
}
