/* SPDX-License-Identifier: MIT */
/*
 * DEBUG: what tests of clients ask for. Only where it is allowed.
 */
#include "cmd.h"
#include "command.h"
#include "instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Nobody is served meanwhile: enough for a test, not for the watchdog. */
#define SLEEP_MAX 5

void cmd_debug_log(struct call *call)
{
	const struct shiny_host *host = call->instance->host;
	char text[SHINY_ERROR_MAX];

	snprintf(text, sizeof(text), "DEBUG LOG: %.*s", ARG_FORMAT(&call->argv[2], 200));
	host->log(host, SHINY_LOG_WARNING, text);
	reply_ok(call->reply);
}

void cmd_debug_sleep(struct call *call)
{
	const struct resp_arg *arg = &call->argv[2];
	char text[NUMBER_MAX] = "";
	double seconds;

	if (arg->len < sizeof(text)) {
		memcpy(text, arg->data, arg->len);
	}
	seconds = strtod(text, NULL);
	if (!(seconds >= 0 && seconds <= SLEEP_MAX)) {
		reply_error(call->reply, "ERR DEBUG SLEEP takes 0 to %d seconds", SLEEP_MAX);
		return;
	}
	nanosleep(&(struct timespec){ (time_t)seconds,
				      (long)((seconds - (double)(time_t)seconds) * 1e9) },
		  NULL);
	reply_ok(call->reply);
}
