/* SPDX-License-Identifier: MIT */
/*
 * CLIENT KILL, in its old form by address, and in its new one by any of several properties.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

struct filter {
	const struct shiny_resp_arg *address; /* NULL: any */
	const struct shiny_resp_arg *local;   /* the server's end of it; NULL: any */
	int64_t id;			      /* 0: any */
	bool none;			      /* of a kind that no client is */
	bool skip_me;
};

static bool read_id(struct call *call, const struct shiny_resp_arg *value, struct filter *filter)
{
	if (!shiny_resp_parse_integer(value->data, value->len, &filter->id) || filter->id < 1) {
		shiny_resp_error(call->reply, "ERR client-id should be greater than 0");
		return false;
	}
	return true;
}

static bool read_type(struct call *call, const struct shiny_resp_arg *value, struct filter *filter)
{
	bool normal;

	if (!client_reads_type(call, value, &normal)) {
		return false;
	}
	filter->none |= !normal;
	return true;
}

static bool read_address(struct call *call, const struct shiny_resp_arg *value,
			 struct filter *filter)
{
	(void)call;
	filter->address = value;
	return true;
}

static bool read_local(struct call *call, const struct shiny_resp_arg *value, struct filter *filter)
{
	(void)call;
	filter->local = value;
	return true;
}

static bool read_user(struct call *call, const struct shiny_resp_arg *value, struct filter *filter)
{
	(void)filter;
	if (value->len == 7 && memcmp(value->data, "default", 7) == 0) {
		return true;
	}
	shiny_resp_error(call->reply, "ERR No such user '%.*s'", SHINY_RESP_ARG_FORMAT(value, 128));
	return false;
}

static bool read_skipme(struct call *call, const struct shiny_resp_arg *value,
			struct filter *filter)
{
	filter->skip_me = shiny_resp_arg_is(value, "yes");
	if (!filter->skip_me && !shiny_resp_arg_is(value, "no")) {
		call_syntax_error(call);
		return false;
	}
	return true;
}

/* Each replies with an error if it returns false. */
static const struct {
	const char *word;
	bool (*reads)(struct call *call, const struct shiny_resp_arg *value, struct filter *filter);
} option_table[] = {
	{ "addr", read_address },  { "id", read_id },	  { "laddr", read_local },
	{ "skipme", read_skipme }, { "type", read_type }, { "user", read_user },
};

#define OPTIONS (sizeof(option_table) / sizeof(option_table[0]))

static bool read_options(struct call *call, struct filter *filter)
{
	for (size_t i = 2; call_has(call, i); i += 2) {
		size_t n = 0;

		while (n < OPTIONS && !shiny_resp_arg_is(&call->argv[i], option_table[n].word)) {
			n++;
		}
		if (n == OPTIONS || i + 1 == call->argc) {
			call_syntax_error(call);
			return false;
		}
		if (!option_table[n].reads(call, &call->argv[i + 1], filter)) {
			return false;
		}
	}
	return true;
}

static bool is_at(const struct shiny_resp_arg *address, const struct shiny_conn *conn,
		  void (*get)(const struct shiny_conn *conn, char *ret_address))
{
	char text[SHINY_ADDRESS_MAX];

	if (!address) {
		return true;
	}
	get(conn, text);
	return address->len == strlen(text) && memcmp(address->data, text, address->len) == 0;
}

static bool matches(const struct filter *filter, const struct shiny_conn *conn)
{
	return !filter->none && (!filter->id || (uint64_t)filter->id == shiny_id(conn)) &&
	       is_at(filter->address, conn, client_address) &&
	       is_at(filter->local, conn, client_local_address);
}

/* Returns how many; each gets the replies that it is owed, and nothing more. */
static int64_t kill_clients(struct call *call, const struct filter *filter)
{
	struct shiny_server *server = call->instance->host->server;
	int64_t killed = 0;

	for (struct shiny_conn *conn = NULL; (conn = shiny_server_next(server, conn));) {
		work_add(&call->instance->work, WORK_REQUEST);
		if (!matches(filter, conn) || (conn == call->conn && filter->skip_me)) {
			continue;
		}
		if (conn == call->conn) {
			call->close = true;
		} else {
			shiny_close(conn);
		}
		killed++;
	}
	return killed;
}

void cmd_client_kill(struct call *call)
{
	bool is_old = call->argc == 3;
	struct filter filter = { .skip_me = true };
	int64_t killed;

	if (is_old) {
		filter = (struct filter){ .address = &call->argv[2] };
	} else if (!read_options(call, &filter)) {
		return;
	}
	killed = kill_clients(call, &filter);
	if (!is_old) {
		shiny_resp_integer(call->reply, killed);
	} else if (killed) {
		shiny_resp_ok(call->reply);
	} else {
		shiny_resp_error(call->reply, "ERR No such client");
	}
}
