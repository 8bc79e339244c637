/* SPDX-License-Identifier: MIT */
/*
 * DEBUG: what tests of clients ask for. What does something to the server needs to be allowed.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Nobody is served meanwhile: enough for a test, not for the watchdog. */
#define SLEEP_MAX 5

/* One reply of each kind, in both versions of the protocol; the same where resp3 is NULL. */
static const struct {
	const char *name, *resp2, *resp3;
} sample_table[] = {
	{ "array", "*3\r\n:0\r\n:1\r\n:2\r\n", NULL },
	{ "attrib", "$39\r\nSome real reply following the attribute\r\n",
	  "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"
	  "$39\r\nSome real reply following the attribute\r\n" },
	{ "bignum", "$37\r\n1234567999999999999999999999999999999\r\n",
	  "(1234567999999999999999999999999999999\r\n" },
	{ "double", "$5\r\n3.141\r\n", ",3.141\r\n" },
	{ "false", ":0\r\n", "#f\r\n" },
	{ "integer", ":12345\r\n", NULL },
	{ "map", "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n",
	  "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n" },
	{ "null", "$-1\r\n", "_\r\n" },
	{ "push", "-ERR RESP2 is not supported by this command\r\n",
	  ">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n"
	  "$40\r\nSome real reply following the push reply\r\n" },
	{ "set", "*3\r\n:0\r\n:1\r\n:2\r\n", "~3\r\n:0\r\n:1\r\n:2\r\n" },
	{ "string", "$11\r\nHello World\r\n", NULL },
	{ "true", ":1\r\n", "#t\r\n" },
	{ "verbatim", "$25\r\nThis is a verbatim\nstring\r\n",
	  "=29\r\ntxt:This is a verbatim\nstring\r\n" },
};

void cmd_debug_protocol(struct call *call)
{
	for (size_t i = 0; i < sizeof(sample_table) / sizeof(sample_table[0]); i++) {
		const char *resp2 = sample_table[i].resp2, *resp3 = sample_table[i].resp3;

		if (shiny_resp_arg_is(&call->argv[2], sample_table[i].name)) {
			const char *sample = call->reply->resp3 && resp3 ? resp3 : resp2;

			shiny_resp_raw(call->reply, sample, strlen(sample));
			return;
		}
	}
	shiny_resp_error(
		call->reply,
		"ERR Wrong protocol type name. Please use one of the following: "
		"string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|"
		"false");
}

/* Keys that have expired are then found only by those who look for them. */
void cmd_debug_set_active_expire(struct call *call)
{
	const struct shiny_resp_arg *arg = &call->argv[2];

	call->instance->sweep_paused = arg->len == 1 && arg->data[0] == '0';
	shiny_resp_ok(call->reply);
}

void cmd_debug_log(struct call *call)
{
	const struct shiny_host *host = call->instance->host;
	char text[SHINY_ERROR_MAX];

	snprintf(text, sizeof(text), "DEBUG LOG: %.*s", SHINY_RESP_ARG_FORMAT(&call->argv[2], 200));
	host->log(host, SHINY_LOG_WARNING, text);
	shiny_resp_ok(call->reply);
}

void cmd_debug_sleep(struct call *call)
{
	const struct shiny_resp_arg *arg = &call->argv[2];
	char text[SHINY_RESP_INTEGER_MAX] = "";
	double seconds;

	if (arg->len < sizeof(text)) {
		memcpy(text, arg->data, arg->len);
	}
	seconds = strtod(text, NULL);
	if (!(seconds >= 0 && seconds <= SLEEP_MAX)) {
		shiny_resp_error(call->reply, "ERR DEBUG SLEEP takes 0 to %d seconds", SLEEP_MAX);
		return;
	}
	work_add(&call->instance->work, WORK_SLICE);
	nanosleep(&(struct timespec){ (time_t)seconds,
				      (long)((seconds - (double)(time_t)seconds) * 1e9) },
		  NULL);
	shiny_resp_ok(call->reply);
}
