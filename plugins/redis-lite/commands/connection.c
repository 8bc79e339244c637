/* SPDX-License-Identifier: MIT */
/*
 * Commands about the connection itself: what it speaks, as whom, and with which database.
 */
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

void cmd_ping(struct call *call)
{
	if (call->argc == 1) {
		shiny_resp_literal(call->reply, "+PONG\r\n");
	} else if (call->argc == 2) {
		reply_whole_bulk(call->reply, call->argv[1].data, call->argv[1].len);
	} else {
		call_arity_error(call);
	}
}

void cmd_echo(struct call *call)
{
	reply_whole_bulk(call->reply, call->argv[1].data, call->argv[1].len);
}

void cmd_quit(struct call *call)
{
	shiny_resp_ok(call->reply);
	call->close = true;
}

void cmd_reset(struct call *call)
{
	bool locked = call->instance->password.len > 0;

	if (locked && !call_client(call)) {
		return;
	}
	if (call->client) {
		client_clear(call->client, &call->instance->keyspace.watches);
		call->client->state = locked ? CLIENT_LOCKED : 0;
	}
	call->db = 0;
	call->reply->resp3 = false;
	reply_unmute(call->reply, call->conn);
	shiny_resp_literal(call->reply, "+RESET\r\n");
}

void cmd_select(struct call *call)
{
	unsigned db;

	if (!call_db(call, 1, &db)) {
		return;
	}
	if (call->conn && (call->client || db != 0)) {
		if (!call_client(call)) {
			return;
		}
		call->client->db = db;
	}
	call->db = db;
	shiny_resp_ok(call->reply);
}

static void count_failure(const struct call *call)
{
	struct instance *instance = call->instance;
	char peer[SHINY_ADDRESS_MAX];
	bool known = shiny_peer(call->conn, peer, sizeof(peer)) == 0;

	auth_failures_add(&instance->auth_failures, instance->host,
			  known ? peer : "a peer that has gone");
}

/* There is one user, whose name is "default". False after an error reply. */
static bool authenticate(struct call *call, const struct shiny_resp_arg *user,
			 const struct shiny_resp_arg *given)
{
	const struct password *password = &call->instance->password;

	if (!(user->len == 7 && memcmp(user->data, "default", 7) == 0) ||
	    (password->len > 0 && !password_is(password, given->data, given->len))) {
		count_failure(call);
		shiny_resp_error(call->reply,
				 "WRONGPASS invalid username-password pair or user is disabled.");
		return false;
	}
	if (call->client) {
		call->client->state &= ~(unsigned)CLIENT_LOCKED;
	}
	return true;
}

bool auth_arg_is_secret(const struct call *call, size_t index)
{
	(void)call;
	return index > 0;
}

void cmd_auth(struct call *call)
{
	const struct shiny_resp_arg user = SHINY_RESP_ARG("default");

	if (call->argc > 3) {
		call_syntax_error(call);
	} else if (call->argc == 2 && call->instance->password.len == 0) {
		shiny_resp_error(
			call->reply,
			"ERR AUTH <password> called without any password configured for the "
			"default user. Are you sure your configuration is correct?");
	} else if (authenticate(call, call->argc == 2 ? &user : &call->argv[1],
				&call->argv[call->argc - 1])) {
		shiny_resp_ok(call->reply);
	}
}

static bool read_hello_option(struct call *call, size_t *index)
{
	const struct shiny_resp_arg *option = &call->argv[*index];
	size_t more = call->argc - 1 - *index;

	if (shiny_resp_arg_is(option, "auth") && more >= 2) {
		*index += 2;
		return authenticate(call, &call->argv[*index - 1], &call->argv[*index]);
	}
	if (shiny_resp_arg_is(option, "setname") && more >= 1) {
		return call_set_name(call, &call->argv[++*index]);
	}
	shiny_resp_error(call->reply, "ERR Syntax error in HELLO option '%.*s'",
			 SHINY_RESP_ARG_FORMAT(option, 128));
	return false;
}

/* From this reply on. False after an error reply. */
static bool set_protocol(struct call *call, bool resp3)
{
	if (resp3 != call->reply->resp3) {
		if (!call_client(call)) {
			return false;
		}
		call->client->resp3 = call->reply->resp3 = resp3;
	}
	return true;
}

/* Behind AUTH come a user's name and a password. */
bool hello_arg_is_secret(const struct call *call, size_t index)
{
	return index > 2 && (shiny_resp_arg_is(&call->argv[index - 1], "auth") ||
			     shiny_resp_arg_is(&call->argv[index - 2], "auth"));
}

void cmd_hello(struct call *call)
{
	struct shiny_resp_reply *reply = call->reply;
	int64_t version = reply->resp3 ? 3 : 2;

	if (call->argc > 1 &&
	    !shiny_resp_parse_integer(call->argv[1].data, call->argv[1].len, &version)) {
		shiny_resp_error(reply, "ERR Protocol version is not an integer or out of range");
		return;
	}
	if (version != 2 && version != 3) {
		shiny_resp_error(reply, "NOPROTO unsupported protocol version");
		return;
	}
	for (size_t i = 2; call_has(call, i); i++) {
		if (!read_hello_option(call, &i)) {
			return;
		}
	}
	if (call_is_locked(call)) {
		shiny_resp_error(reply,
				 "NOAUTH HELLO must be called with the client already "
				 "authenticated, otherwise the HELLO AUTH <user> <pass> option "
				 "can be used to authenticate the client and select the RESP "
				 "protocol version at the same time");
		return;
	}
	if (!set_protocol(call, version == 3)) {
		return;
	}
	shiny_resp_map(reply, 7);
	shiny_resp_bulk_text(reply, "server");
	shiny_resp_bulk_text(reply, "redis");
	shiny_resp_bulk_text(reply, "version");
	shiny_resp_bulk_text(reply, REDIS_VERSION);
	shiny_resp_bulk_text(reply, "proto");
	shiny_resp_integer(reply, version);
	shiny_resp_bulk_text(reply, "id");
	shiny_resp_integer(reply, (int64_t)shiny_id(call->conn));
	shiny_resp_bulk_text(reply, "mode");
	shiny_resp_bulk_text(reply, "standalone");
	shiny_resp_bulk_text(reply, "role");
	shiny_resp_bulk_text(reply, "master");
	shiny_resp_bulk_text(reply, "modules");
	shiny_resp_array(reply, 0);
}
