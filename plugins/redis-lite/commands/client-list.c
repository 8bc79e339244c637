/* SPDX-License-Identifier: MIT */
/*
 * CLIENT LIST and INFO: what others see of a connection.
 */
#include "command/client.h"
#include "command/instance.h"
#include "commands/command-info.h"
#include "commands/commands.h"
#include "commands/text.h"

#include <inttypes.h>

/* What stands for the address of a client without one. */
#define UNIX_ADDRESS "unix:0"

/* What a line counts for: see util/work.h. */
#define CLIENT_WORK (8 * WORK_REQUEST)

/* What an idle one takes in the library. */
#define CONNECTION_BYTES ((size_t)120)

/* What most of them are: they have said nothing of themselves. */
static const struct client usual_client;

void client_address(const struct shiny_conn *conn, char *ret_address)
{
	char peer[SHINY_ADDRESS_MAX];
	const char *text = shiny_peer(conn, peer, sizeof(peer)) == 0 ? peer : "tcp://?:0";
	bool is_unix = strncmp(text, "unix:", 5) == 0;

	snprintf(ret_address, SHINY_ADDRESS_MAX, "%s",
		 is_unix ? UNIX_ADDRESS : strstr(text, "//") + 2);
}

void client_local_address(const struct shiny_conn *conn, char *ret_address)
{
	char local[SHINY_ADDRESS_MAX];
	const char *text = shiny_local(conn, local, sizeof(local)) == 0 ? local : "tcp://?:0";
	bool is_unix = strncmp(text, "unix:", 5) == 0;

	snprintf(ret_address, SHINY_ADDRESS_MAX, "%.*s%s", SHINY_ADDRESS_MAX - 3,
		 strstr(text, "//") + 2, is_unix ? ":0" : "");
}

/* Why it is not as any other, in Redis's letters and order. */
static void print_flags(FILE *out, const struct client *client, bool is_unix)
{
	const struct {
		bool on;
		char letter;
	} flags[] = {
		{ client->state & CLIENT_MULTI, 'x' },
		{ client->state & CLIENT_TRACKING, 't' },
		{ client->watcher.touched, 'd' },
		{ is_unix, 'U' },
	};
	bool usual = true;

	fprintf(out, " flags=");
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].on) {
			fputc(flags[i].letter, out);
			usual = false;
		}
	}
	if (usual) {
		fputc('N', out);
	}
}

static void print_label(FILE *out, const char *field, const struct client_label *label)
{
	fprintf(out, " %s=%.*s", field, (int)label->len, label->data ? label->data : "");
}

size_t client_memory(const struct shiny_conn *conn)
{
	const struct client *client = client_of(conn);

	return CONNECTION_BYTES + shiny_pending(conn) + shiny_unsent(conn) +
	       (client ? sizeof(*client) + client->transaction.bytes : 0);
}

/* As much of Redis's fields as there is a true number for. */
static void print_memory(FILE *out, const struct shiny_conn *conn, const struct client *client,
			 const struct call *call)
{
	size_t input = shiny_pending(conn), output = shiny_unsent(conn), args = 0;

	if (conn == call->conn) {
		input = input > call->raw_len ? input : call->raw_len;
		for (size_t i = 0; i < call->argc; i++) {
			args += call->argv[i].len;
		}
	}
	fprintf(out, " qbuf=%zu qbuf-free=0 argv-mem=%zu multi-mem=%zu rbs=0 rbp=0", input, args,
		client->transaction.bytes);
	fprintf(out, " obl=0 oll=%d omem=%zu tot-mem=%zu events=%s%s", output > 0, output,
		client_memory(conn), shiny_congested(conn) ? "" : "r", output > 0 ? "w" : "");
}

/* The last command that was called; of who asks that is the one that asks. */
static void print_command(FILE *out, const struct shiny_conn *conn, const struct call *call)
{
	const struct command *command = conn == call->conn ? call->command : client_last(conn);
	char name[COMMAND_FULL_NAME_MAX] = "NULL";

	if (command) {
		command_full_name(command_parent(command), command, name);
	}
	fprintf(out, " cmd=%s", name);
}

/* One line, in Redis's order of fields. */
static void print_client(FILE *out, struct shiny_conn *conn, const struct call *call)
{
	const struct client *client = client_of(conn);
	char address[SHINY_ADDRESS_MAX], local[SHINY_ADDRESS_MAX];
	bool in_multi;

	work_add(&call->instance->work, CLIENT_WORK);
	client = client ? client : &usual_client;
	in_multi = client->state & CLIENT_MULTI;
	client_address(conn, address);
	client_local_address(conn, local);
	fprintf(out, "id=%" PRIu64 " addr=%s laddr=%s fd=%d", shiny_id(conn), address, local,
		shiny_fd(conn));
	print_label(out, "name", &client->name);
	fprintf(out, " age=%" PRIu64 " idle=%" PRIu64, shiny_age_ms(conn) / 1000,
		shiny_idle_ms(conn) / 1000);
	print_flags(out, client, strcmp(address, UNIX_ADDRESS) == 0);
	fprintf(out, " db=%u sub=0 psub=0 ssub=0 multi=%d", client->db,
		in_multi ? (int)client->transaction.count : -1);
	print_memory(out, conn, client, call);
	print_command(out, conn, call);
	fprintf(out, " user=default redir=%d resp=%d", client->tracker ? 0 : -1,
		client->resp3 ? 3 : 2);
	print_label(out, "lib-name", &client->lib_name);
	print_label(out, "lib-ver", &client->lib_version);
	fputc('\n', out);
}

void cmd_client_info(struct call *call)
{
	struct text text;

	if (text_open(&text, call)) {
		print_client(text.out, call->conn, call);
		text_reply(&text, call);
	}
}

bool client_reads_type(struct call *call, const struct shiny_resp_arg *type, bool *ret_normal)
{
	static const char *const others[] = { "slave", "replica", "pubsub", "master" };

	*ret_normal = shiny_resp_arg_is(type, "normal");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (*ret_normal || shiny_resp_arg_is(type, others[i])) {
			return true;
		}
	}
	shiny_resp_error(call->reply, "ERR Unknown client type '%.*s'",
			 SHINY_RESP_ARG_FORMAT(type, 128));
	return false;
}

static void list_all(struct call *call)
{
	struct shiny_server *server = call->instance->host->server;
	struct text text;

	if (!text_open(&text, call)) {
		return;
	}
	for (struct shiny_conn *conn = NULL; (conn = shiny_server_next(server, conn));) {
		print_client(text.out, conn, call);
	}
	text_reply(&text, call);
}

static void list_ids(struct call *call)
{
	struct shiny_conn *conn;
	struct text text;
	int64_t id;

	for (size_t i = 3; call_has(call, i); i++) {
		if (!shiny_resp_parse_integer(call->argv[i].data, call->argv[i].len, &id)) {
			shiny_resp_error(call->reply, "ERR Invalid client ID");
			return;
		}
	}
	if (!text_open(&text, call)) {
		return;
	}
	for (size_t i = 3; call_has(call, i); i++) {
		shiny_resp_parse_integer(call->argv[i].data, call->argv[i].len, &id);
		conn = shiny_server_find(call->instance->host->server, (uint64_t)id);
		if (conn) {
			print_client(text.out, conn, call);
		}
	}
	text_reply(&text, call);
}

void cmd_client_list(struct call *call)
{
	bool normal = true;

	if (call->argc > 3 && shiny_resp_arg_is(&call->argv[2], "id")) {
		list_ids(call);
	} else if (call->argc == 4 && shiny_resp_arg_is(&call->argv[2], "type")) {
		if (client_reads_type(call, &call->argv[3], &normal)) {
			normal ? list_all(call) : shiny_resp_text(call->reply, "", 0);
		}
	} else if (call->argc == 2) {
		list_all(call);
	} else {
		call_syntax_error(call);
	}
}
