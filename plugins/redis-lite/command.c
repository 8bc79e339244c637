/* SPDX-License-Identifier: MIT */
/*
 * From a request to a function: finding the command, checking the call, logging what it changed.
 *
 * Names are at most 16 letters, so that a name is two 64-bit words, and a look-up a multiplication
 * and a comparison.
 */
#include "command.h"
#include "aof.h"
#include "client.h"
#include "instance.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Redis shows so much of an unknown command. */
#define SHOWN_MAX 128

struct folded {
	uint64_t head, tail;
};

static inline uint64_t load(const char *p, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, p, len);
	return word;
}

/*
 * A name of up to 16 bytes as two words, lower-case: names of one length have the same words only
 * if they are the same. Setting bit 5 makes letters of letters only.
 */
static inline struct folded fold(const char *name, size_t len)
{
	const uint64_t lower = 0x2020202020202020;
	uint64_t head, tail = 0;

	if (len >= 8) {
		head = load(name, 8);
		tail = load(name + len - 8, 8);
	} else if (len >= 4) {
		head = load(name, 4) | load(name + len - 4, 4) << 32;
	} else {
		head = load(name, 1) | load(name + len / 2, 1) << 8 | load(name + len - 1, 1) << 16;
	}
	return (struct folded){ head | lower, tail | lower };
}

static inline unsigned first_slot(struct folded name)
{
	return (unsigned)(((name.head ^ name.tail << 7) * 0x9e3779b97f4a7c15) >> 56);
}

void command_index_init(struct command_index *index)
{
	*index = (struct command_index){ 0 };
	for (const struct command *command = command_table; command->name; command++) {
		size_t len = strlen(command->name);
		struct folded name = fold(command->name, len);
		unsigned i = first_slot(name);

		while (index->slot[i].command) {
			i = (i + 1) % COMMAND_INDEX_SIZE;
		}
		index->slot[i].head = name.head;
		index->slot[i].tail = name.tail;
		index->slot[i].len = len;
		index->slot[i].command = command;
	}
}

const struct command *command_find(const struct command_index *index, const char *name, size_t len)
{
	if (len == 0 || len > COMMAND_NAME_MAX) {
		return NULL;
	}
	struct folded key = fold(name, len);
	for (unsigned i = first_slot(key);; i = (i + 1) % COMMAND_INDEX_SIZE) {
		if (index->slot[i].head == key.head && index->slot[i].tail == key.tail &&
		    index->slot[i].len == len) {
			return index->slot[i].command;
		}
		if (!index->slot[i].command) {
			return NULL;
		}
	}
}

const struct command *command_find_sub(const struct command *command, const struct resp_arg *name)
{
	for (const struct command *sub = command->sub; sub->name; sub++) {
		if (arg_is(name, sub->name)) {
			return sub;
		}
	}
	return NULL;
}

bool arg_is(const struct resp_arg *arg, const char *word)
{
	for (size_t i = 0; i < arg->len; i++) {
		char c = arg->data[i];

		c = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
		if (word[i] == '\0' || c != word[i]) {
			return false;
		}
	}
	return word[arg->len] == '\0';
}

static void unknown_command(struct call *call)
{
	char args[2 * SHOWN_MAX] = "";
	size_t len = 0;

	/* Sent by a browser that was made to talk to us: not one word in answer. */
	if (arg_is(&call->argv[0], "host:") || arg_is(&call->argv[0], "post")) {
		call->close = true;
		return;
	}
	for (size_t i = 1; i < call->argc && len < SHOWN_MAX; i++) {
		len += (size_t)snprintf(args + len, sizeof(args) - len, "'%.*s' ",
					ARG_FORMAT(&call->argv[i], SHOWN_MAX - len));
	}
	reply_error(call->reply, "ERR unknown command '%.*s', with args beginning with: %s",
		    ARG_FORMAT(&call->argv[0], SHOWN_MAX), args);
}

static void unknown_subcommand(struct call *call, const struct command *command)
{
	char name[COMMAND_NAME_MAX + 1] = "";

	for (size_t i = 0; command->name[i]; i++) {
		name[i] = (char)(command->name[i] & ~0x20);
	}
	reply_error(call->reply, "ERR unknown subcommand '%.*s'. Try %s HELP.",
		    ARG_FORMAT(&call->argv[1], SHOWN_MAX), name);
}

const struct command *command_parent(const struct command *sub)
{
	for (const struct command *command = command_table; command->name; command++) {
		for (const struct command *s = command->sub; s && s->name; s++) {
			if (s == sub) {
				return command;
			}
		}
	}
	return NULL;
}

void call_arity_error(struct call *call)
{
	const struct command *parent = command_parent(call->command);

	reply_error(call->reply, "ERR wrong number of arguments for '%s%s%s' command",
		    parent ? parent->name : "", parent ? "|" : "", call->command->name);
}

void call_syntax_error(struct call *call)
{
	reply_error(call->reply, "ERR syntax error");
}

void call_memory_error(struct call *call)
{
	reply_error(call->reply, "OOM out of memory");
}

static bool has_arity(const struct command *command, size_t argc)
{
	return command->arity >= 0 ? argc == (size_t)command->arity
				   : argc >= (size_t)-command->arity;
}

bool command_refuses(const struct call *call, unsigned flags, char *ret_text)
{
	const struct aof *aof = call->instance->aof;

	if (!(flags & CMD_NO_AUTH) && call_is_locked(call)) {
		snprintf(ret_text, COMMAND_REFUSAL_MAX, "NOAUTH Authentication required.");
		return true;
	}
	if (flags & CMD_NO_MULTI && call->client && call->client->state & CLIENT_MULTI) {
		snprintf(ret_text, COMMAND_REFUSAL_MAX,
			 "ERR Command not allowed inside a transaction");
		return true;
	}
	if (flags & CMD_WRITE && aof && aof_error(aof)) {
		snprintf(ret_text, COMMAND_REFUSAL_MAX,
			 "MISCONF Errors writing to the AOF file: %s", strerror(aof_error(aof)));
		return true;
	}
	return false;
}

/* Finds what is to run, or replies with why it may not. */
static bool check(struct call *call)
{
	const struct command *command = call->command;
	char refusal[COMMAND_REFUSAL_MAX];

	if (!command) {
		unknown_command(call);
		return false;
	}
	if (command->sub && call->argc > 1) {
		call->command = command_find_sub(command, &call->argv[1]);
		if (!call->command) {
			unknown_subcommand(call, command);
			return false;
		}
	}
	if (!has_arity(call->command, call->argc)) {
		call_arity_error(call);
		return false;
	}
	if (!call->conn && !(call->command->flags & (CMD_WRITE | CMD_IN_FILE))) {
		reply_error(call->reply, "ERR not a command for a file");
		return false;
	}
	if (command_refuses(call, call->command->flags, refusal)) {
		reply_error(call->reply, "%s", refusal);
		return false;
	}
	return true;
}

static void queue(struct call *call)
{
	int r = transaction_add(&call->client->transaction, call);

	if (r == 0) {
		reply_literal(call->reply, "+QUEUED\r\n");
		return;
	}
	call->client->state |= CLIENT_ABORTED;
	if (r == -ENOBUFS) {
		reply_error(call->reply, "ERR transaction too large");
	} else {
		call_memory_error(call);
	}
}

/* For a client that is in a state other than the usual one. */
static void run_in_state(struct call *call)
{
	struct client *client = call->client;

	if (client->state & (CLIENT_SILENT | CLIENT_SKIP)) {
		reply_mute(call->reply);
		client->state &= ~(unsigned)CLIENT_SKIP;
	}
	if (!check(call)) {
		if (client->state & CLIENT_MULTI) {
			client->state |= CLIENT_ABORTED;
		}
	} else if (client->state & CLIENT_MULTI && !(call->command->flags & CMD_AT_ONCE)) {
		queue(call);
	} else {
		command_execute(call);
	}
	if (!(client->state & CLIENT_SILENT)) {
		reply_unmute(call->reply, call->conn);
	}
}

void command_run(struct call *call)
{
	if (call->client && call->client->state) {
		run_in_state(call);
	} else if (check(call)) {
		command_execute(call);
	}
}

void command_execute(struct call *call)
{
	call->changed = false;
	call->command->run(call);
	if (!call->changed || !call->instance->aof) {
		return;
	}
	if (call->raw) {
		aof_log_raw(call->instance->aof, call->db, call->raw, call->raw_len);
	} else {
		aof_log(call->instance->aof, call->db, call->argv, call->argc);
	}
	aof_promise(call->instance->aof);
}

struct key call_key(const struct call *call, size_t index)
{
	const struct resp_arg *arg = &call->argv[index];

	return index == 1 ? (struct key){ arg->data, arg->len, call->hash }
			  : keyspace_key(&call->instance->keyspace, arg->data, arg->len);
}

void call_log(struct call *call, const struct resp_arg *argv, size_t argc)
{
	if (call->instance->aof) {
		aof_log(call->instance->aof, call->db, argv, argc);
		aof_promise(call->instance->aof);
	}
}

bool call_number(struct call *call, size_t index, int64_t *ret_value)
{
	if (!number_parse(call->argv[index].data, call->argv[index].len, ret_value)) {
		reply_error(call->reply, "ERR value is not an integer or out of range");
		return false;
	}
	return true;
}

bool call_is_locked(const struct call *call)
{
	return call->client && call->client->state & CLIENT_LOCKED &&
	       call->instance->password.len > 0;
}

struct client *call_client(struct call *call)
{
	if (!call->client) {
		call->client = client_create();
		if (!call->client) {
			call_memory_error(call);
			return NULL;
		}
		shiny_set_user(call->conn, call->client);
	}
	return call->client;
}
