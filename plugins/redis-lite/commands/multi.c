/* SPDX-License-Identifier: MIT */
/*
 * Transactions: MULTI, what command/command.c queued until EXEC, and WATCH.
 */
#include "aof/aof.h"
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

#include <errno.h>

static bool in_multi(const struct call *call)
{
	return call->client && call->client->state & CLIENT_MULTI;
}

void cmd_multi(struct call *call)
{
	if (in_multi(call)) {
		shiny_resp_error(call->reply, "ERR MULTI calls can not be nested");
	} else if (call_client(call)) {
		call->client->state |= CLIENT_MULTI;
		call->client->transaction.start = call->raw;
		shiny_resp_ok(call->reply);
	}
}

static void unwatch(struct call *call)
{
	watch_clear(&call->instance->keyspace.watches, &call->client->watcher);
}

static void end_transaction(struct call *call)
{
	call->client->state &= ~(unsigned)(CLIENT_MULTI | CLIENT_ABORTED);
	transaction_finish(&call->client->transaction);
	unwatch(call);
}

void cmd_discard(struct call *call)
{
	if (!in_multi(call)) {
		shiny_resp_error(call->reply, "ERR DISCARD without MULTI");
		return;
	}
	end_transaction(call);
	shiny_resp_ok(call->reply);
}

/* A key that has expired meanwhile has changed; looking for it finds that out. */
static void expire_watched(void *arg, unsigned db, const struct key *key)
{
	struct call *call = arg;

	keyspace_find(&call->instance->keyspace, db, key, call->now_ms);
}

/* In the append-only file a transaction is one piece. */
static void run_queued(struct call *call)
{
	struct transaction *transaction = &call->client->transaction;
	struct aof *aof = call->instance->aof;
	struct call inner = *call;

	unwatch(call);
	if (aof) {
		aof_begin_transaction(aof);
	}
	reply_begin_transaction(call->reply);
	shiny_resp_array(call->reply, transaction->count);
	for (struct transaction_request *request = transaction->first; request;
	     request = request->next) {
		transaction_take(request, &inner);
		command_execute(&inner);
		work_add(&call->instance->work, WORK_REQUEST + request->raw_len);
		if (call->client->tracker) {
			tracking_add_keys(call->client->tracker, &inner);
		}
	}
	reply_end_transaction(call->reply);
	if (aof) {
		aof_end_transaction(aof);
	}
	call->db = inner.db;
	call->close |= inner.close;
}

void cmd_exec(struct call *call)
{
	struct client *client = call->client;
	char refusal[COMMAND_REFUSAL_MAX];

	if (!in_multi(call)) {
		shiny_resp_error(call->reply, "ERR EXEC without MULTI");
		return;
	}
	watch_each(&client->watcher, expire_watched, call);
	if (command_refuses(call, client->transaction.flags, refusal)) {
		shiny_resp_error(call->reply, "EXECABORT Transaction discarded because of: %s",
				 refusal);
	} else if (client->state & CLIENT_ABORTED) {
		shiny_resp_error(call->reply,
				 "EXECABORT Transaction discarded because of previous errors.");
	} else if (client->watcher.touched) {
		shiny_resp_null_array(call->reply);
	} else {
		run_queued(call);
	}
	end_transaction(call);
}

/* All keys, or none of them; 0, -ENOBUFS or -ENOMEM. */
static int watch_all(struct call *call, struct watcher *watcher)
{
	struct keyspace *keyspace = &call->instance->keyspace;
	size_t before = watcher->count;
	int r = 0;

	for (size_t i = 1; i < call->argc && r == 0; i++) {
		struct key key = call_key(call, i);

		work_add(&call->instance->work, WORK_REQUEST);
		keyspace_find(keyspace, call->db, &key, call->now_ms); /* expired before: gone */
		r = watch_add(&keyspace->watches, watcher, call->db, &key);
	}
	if (r < 0) {
		watch_truncate(&keyspace->watches, watcher, before);
	}
	return r;
}

void cmd_watch(struct call *call)
{
	int r;

	if (in_multi(call)) {
		shiny_resp_error(call->reply, "ERR WATCH inside MULTI is not allowed");
		return;
	}
	if (!call_client(call)) {
		return;
	}
	r = watch_all(call, &call->client->watcher);
	if (r == -ENOBUFS) {
		shiny_resp_error(call->reply, "ERR too many watched keys");
	} else if (r < 0) {
		call_memory_error(call);
	} else {
		shiny_resp_ok(call->reply);
	}
}

void cmd_unwatch(struct call *call)
{
	if (call->client) {
		unwatch(call);
	}
	shiny_resp_ok(call->reply);
}
