/* SPDX-License-Identifier: MIT */
/*
 * From a request to a function: checking the call, queueing it for EXEC, running it, and logging what
 * it changed.
 */
#include "command/command.h"
#include "aof/log-inline.h"
#include "command/client.h"
#include "command/instance.h"
#include "store/evict.h"
#include "util/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Redis shows so much of an unknown command. */
#define SHOWN_MAX 128

static void reply_unknown_command(struct call *call)
{
	if (call->conn && shiny_resp_is_http(&call->argv[0])) {
		call->close = true;
	} else {
		shiny_resp_unknown_command(call->reply, call->argv, call->argc);
	}
}

static void reply_unknown_subcommand(struct call *call, const struct command *parent, bool or_wrong)
{
	char name[COMMAND_NAME_MAX + 1] = "";

	for (size_t i = 0; parent->name[i]; i++) {
		name[i] = (char)(parent->name[i] & ~0x20);
	}
	shiny_resp_error(call->reply, "ERR unknown subcommand%s '%.*s'. Try %s HELP.",
			 or_wrong ? " or wrong number of arguments for" : "",
			 SHINY_RESP_ARG_FORMAT(&call->argv[1], SHOWN_MAX), name);
}

void call_subcommand_error(struct call *call)
{
	reply_unknown_subcommand(call, command_parent(call->command), true);
}

void call_arity_error(struct call *call)
{
	const struct command *parent = command_parent(call->command);

	shiny_resp_wrong_arity(call->reply, parent ? parent->name : NULL, call->command->name);
}

void call_syntax_error(struct call *call)
{
	shiny_resp_error(call->reply, "ERR syntax error");
}

void call_memory_error(struct call *call)
{
	shiny_resp_error(call->reply, "OOM out of memory");
}

bool command_refuses(const struct call *call, unsigned flags, char *ret_text)
{
	const struct aof *aof = call->instance->aof;
	struct keyspace *keyspace = &call->instance->keyspace;

	if (!(flags & CMD_NO_AUTH) && call_is_locked(call)) {
		snprintf(ret_text, COMMAND_REFUSAL_MAX, "NOAUTH Authentication required.");
		return true;
	}
	if (flags & CMD_NO_MULTI && call->client && call->client->state & CLIENT_MULTI) {
		snprintf(ret_text, COMMAND_REFUSAL_MAX,
			 "ERR Command not allowed inside a transaction");
		return true;
	}
	if (flags & CMD_DEBUG && !call->instance->settings.allow_debug) {
		snprintf(ret_text, COMMAND_REFUSAL_MAX,
			 "ERR DEBUG command not allowed. If the allow_debug option is set to "
			 "\"yes\", you can run it, otherwise you need to set this option in the "
			 "configuration file, and then restart the server.");
		return true;
	}
	if (flags & CMD_WRITE && aof && aof_error(aof)) {
		snprintf(ret_text, COMMAND_REFUSAL_MAX,
			 "MISCONF Errors writing to the AOF file: %s", strerror(aof_error(aof)));
		return true;
	}
	if (flags & CMD_GROWS && call->conn && evict_is_needed(keyspace) &&
	    !evict_make_room(keyspace)) {
		snprintf(ret_text, COMMAND_REFUSAL_MAX,
			 "OOM command not allowed when used memory > 'maxmemory'.");
		return true;
	}
	return false;
}

/* At a glance: the usual case of what command_refuses() looks at for the sake of changes. */
static inline bool may_change(const struct call *call)
{
	const struct instance *instance = call->instance;

	return !(call->command->flags & (CMD_WRITE | CMD_GROWS)) ||
	       (!instance->keyspace.limit && !(instance->aof && aof_error(instance->aof)));
}

static bool is_refused(struct call *call)
{
	char refusal[COMMAND_REFUSAL_MAX];

	if (call->command->flags & CMD_LONG) {
		work_check(&call->instance->work, 0); /* the clock is to be read before, too */
	}
	if (!command_refuses(call, call->command->flags, refusal)) {
		return false;
	}
	shiny_resp_error(call->reply, "%s", refusal);
	return true;
}

/* Finds what is to run, or replies with why there is no such thing. */
static inline bool find_command(struct call *call)
{
	const struct command *command = call->command;

	if (!command) {
		reply_unknown_command(call);
		return false;
	}
	if (command->sub && call->argc > 1) {
		call->command = command_find_sub(command, &call->argv[1]);
		if (!call->command || (command->flags & CMD_OWN_SUBS &&
				       !shiny_resp_has_arity(call->command->arity, call->argc))) {
			reply_unknown_subcommand(call, command, command->flags & CMD_OWN_SUBS);
			return false;
		}
	}
	if (!shiny_resp_has_arity(call->command->arity, call->argc)) {
		call_arity_error(call);
		return false;
	}
	return true;
}

static bool is_for_file(struct call *call)
{
	if (!(call->command->flags & (CMD_WRITE | CMD_IN_FILE))) {
		shiny_resp_error(call->reply, "ERR not a command for a file");
		return false;
	}
	return true;
}

/* It was not run at all, and its error is not counted as a failure. What is unknown is nobody's. */
static void count_rejection(const struct call *call)
{
	struct command_stats *stats = &call->instance->command_stats;

	stats->errors = call->reply->errors;
	if (call->command && call->conn) {
		command_stats_row(stats, call->command)->rejected++;
	}
}

/* Whatever a request does, to queue it takes memory. */
static void queue_request(struct call *call)
{
	char refusal[COMMAND_REFUSAL_MAX];
	bool refused = command_refuses(call, CMD_GROWS, refusal);
	int r = refused ? -EBUSY : transaction_add(&call->client->transaction, call);

	if (r == 0) {
		shiny_resp_literal(call->reply, "+QUEUED\r\n");
		return;
	}
	call->client->state |= CLIENT_ABORTED;
	if (refused) {
		shiny_resp_error(call->reply, "%s", refusal);
	} else if (r == -ENOBUFS) {
		shiny_resp_error(call->reply, "ERR transaction too large");
	} else {
		call_memory_error(call);
	}
	count_rejection(call);
}

/* For a client that is in a state other than the usual one. */
static void run_in_state(struct call *call)
{
	struct client *client = call->client;

	if (client->state & (CLIENT_SILENT | CLIENT_SKIP)) {
		reply_mute(call->reply);
		client->state &= ~(unsigned)CLIENT_SKIP;
	}
	client->running = true;
	if (!find_command(call) || (!call->conn && !is_for_file(call)) || is_refused(call)) {
		count_rejection(call);
		if (client->state & CLIENT_MULTI) {
			client->state |= CLIENT_ABORTED;
		}
	} else if (client->state & CLIENT_MULTI && !(call->command->flags & CMD_AT_ONCE)) {
		queue_request(call);
	} else {
		command_execute(call);
		if (client->tracker) {
			tracking_add_keys(client->tracker, call);
		}
	}
	if (!(client->state & CLIENT_SILENT)) {
		reply_unmute(call->reply, call->conn);
	}
	client->running = false;
	if (client->tracker) {
		reply_unmute(call->reply, call->conn); /* a push is no reply */
		tracking_end(client->tracker, call);
	}
}

static void log_request(struct call *call)
{
	struct aof *aof = call->instance->aof;

	if (call->raw) {
		aof_log_raw(aof, call->db, call->raw, call->raw_len);
	} else {
		aof_log(aof, call->db, call->argv, call->argc);
	}
	aof_expect_ack(aof);
}

static inline void run(struct call *call)
{
	struct aof *aof = call->instance->aof;

	call->changed = false;
	call->command->run(call);
	if (call->changed && aof && !aof_log_next(aof, call->db, call->raw, call->raw_len)) {
		log_request(call);
	}
}

static void run_timed(struct call *call)
{
	struct instance *instance = call->instance;
	int64_t began_ns = command_stats_begin(&instance->command_stats);

	run(call);
	slowlog_add_if_slow(&instance->slowlog, call,
			    command_stats_end(&instance->command_stats, call->command, began_ns));
	instance->work.checked = false;
}

static inline void run_usual(struct call *call)
{
	run(call);
	command_stats_count(&call->instance->command_stats, call->command);
}

static inline void charge_time(const struct call *call)
{
	struct instance *instance = call->instance;

	instance->work.checked = false;
	if (instance->command_stats.last) {
		slowlog_add_if_slow(
			&instance->slowlog, call,
			command_stats_charge(&instance->command_stats, steady_clock_ns()));
	}
}

/* What took long was the last one: all others had less to do than it takes until there is a check. */
static __attribute__((noinline)) void note_effort(const struct call *call)
{
	struct command_stats *stats = &call->instance->command_stats;

	if (call->instance->work.checked) {
		charge_time(call);
	}
	if (call->reply->errors != stats->errors && call->command && call->conn) {
		stats->errors = call->reply->errors;
		command_stats_row(stats, call->command)->failed++;
	}
}

void command_account(const struct call *call)
{
	const struct instance *instance = call->instance;

	if (instance->work.checked || call->reply->errors != instance->command_stats.errors) {
		note_effort(call);
	}
}

void command_end(const struct call *call)
{
	command_account(call);
	charge_time(call);
}

void command_execute(struct call *call)
{
	if (!call->conn) {
		run(call); /* what a file has is not counted */
	} else if (call->command->flags & call->instance->command_stats.timed) {
		run_timed(call);
	} else {
		run_usual(call);
	}
	command_account(call);
}

static void run_of_file(struct call *call)
{
	bool usual = !call->client && !(call->command->flags & CMD_DEBUG) && may_change(call);

	if (is_for_file(call) && (usual || !is_refused(call))) {
		run(call);
	}
}

/* With all the checks. */
static __attribute__((noinline)) void run_checked(struct call *call)
{
	if (call->client && call->client->state) {
		run_in_state(call);
	} else if (!find_command(call)) {
		count_rejection(call);
	} else if (!call->conn) {
		run_of_file(call);
	} else if (is_refused(call)) {
		count_rejection(call);
	} else {
		command_execute(call);
	}
}

void command_begin(struct call *call)
{
	struct instance *instance = call->instance;
	bool usual = call->conn && !call->client;

	instance->unusual = usual ? instance->command_stats.timed | CMD_SUBS : ~0u;
}

void command_run(struct call *call)
{
	const struct command *command = call->command;

	if (command && !(command->flags & call->instance->unusual) &&
	    shiny_resp_has_arity(command->arity, call->argc) && may_change(call)) {
		run_usual(call);
	} else {
		run_checked(call);
	}
}

bool call_has(const struct call *call, size_t index)
{
	work_add(&call->instance->work, WORK_LOOK);
	return index < call->argc;
}

struct key call_key(const struct call *call, size_t index)
{
	const struct shiny_resp_arg *arg = &call->argv[index];

	return index == 1 ? (struct key){ arg->data, arg->len, call->hash }
			  : keyspace_key(&call->instance->keyspace, arg->data, arg->len);
}

int64_t call_base_ms(const struct call *call)
{
	return call->conn ? call->now_ms : call->instance->started_ms;
}

void call_log(struct call *call, const struct shiny_resp_arg *argv, size_t argc)
{
	if (call->instance->aof) {
		aof_log(call->instance->aof, call->db, argv, argc);
		aof_expect_ack(call->instance->aof);
	}
}

bool call_number(struct call *call, size_t index, int64_t *ret_value)
{
	if (!shiny_resp_parse_integer(call->argv[index].data, call->argv[index].len, ret_value)) {
		shiny_resp_error(call->reply, "ERR value is not an integer or out of range");
		return false;
	}
	return true;
}

bool call_int(struct call *call, size_t index, const char *wrong, int *ret_value)
{
	const struct shiny_resp_arg *arg = &call->argv[index];
	int64_t value;
	bool is_number = shiny_resp_parse_integer(arg->data, arg->len, &value);

	if (is_number && value >= INT_MIN && value <= INT_MAX) {
		*ret_value = (int)value;
		return true;
	}
	if (wrong) {
		shiny_resp_error(call->reply, "%s", wrong);
	} else if (!is_number) {
		shiny_resp_error(call->reply, "ERR value is not an integer or out of range");
	} else {
		shiny_resp_error(call->reply,
				 "ERR value is out of range, value must between %d and %d", INT_MIN,
				 INT_MAX);
	}
	return false;
}

bool call_has_db(struct call *call, int db)
{
	if (db < 0 || db >= KEYSPACE_DBS) {
		shiny_resp_error(call->reply, "ERR DB index is out of range");
		return false;
	}
	return true;
}

bool call_db(struct call *call, size_t index, unsigned *ret_db)
{
	int db;

	if (!call_int(call, index, NULL, &db) || !call_has_db(call, db)) {
		return false;
	}
	*ret_db = (unsigned)db;
	return true;
}

bool call_is_locked(const struct call *call)
{
	return call->client && call->client->state & CLIENT_LOCKED &&
	       call->instance->password.len > 0;
}

bool call_prepare_entry(struct call *call, const struct entry *entry)
{
	return reply_prepare(call->reply, SHINY_RESP_FIXED_MAX + (entry ? entry->value_len : 0));
}

static const struct reply_terms no_terms;

bool call_prepare(struct call *call, void (*write)(struct call *call))
{
	struct shiny_resp_reply *reply = call->reply;
	char scratch[REPLY_SCRATCH_SIZE];
	struct reply count = {
		.resp = { .hooks = &reply_count_hooks, .resp3 = reply->resp3 },
		.scratch = scratch,
		.terms = &no_terms,
	};

	call->reply = &count.resp;
	write(call);
	shiny_resp_flush(&count.resp);
	call->reply = reply;
	return reply_prepare(reply, count.resp.flushed);
}

void call_reply_entry(struct call *call, const struct entry *entry)
{
	if (entry) {
		reply_whole_bulk(call->reply, entry_value(entry), entry->value_len);
	} else {
		shiny_resp_null(call->reply);
	}
}

struct client *call_client(struct call *call)
{
	if (!call->client) {
		call->client = client_create(call->conn);
		if (!call->client) {
			call_memory_error(call);
			return NULL;
		}
		command_begin(
			call); /* again: the next requests are those of a client with a state */
	}
	return call->client;
}
