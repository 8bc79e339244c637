/* SPDX-License-Identifier: MIT */
/*
 * A file's requests, run as a client's are, in the same batches.
 *
 * There is no connection, and so nothing is replied; time stands still, so that what expired later
 * does not go too early; and an error ends it, as the file is one that was written here.
 */
#include "command/replay.h"
#include "command/instance.h"

static void reset(struct aof_replay *base)
{
	struct replay *replay = (struct replay *)base;

	client_clear(&replay->client, &replay->instance->keyspace.watches);
	replay->terms = (struct reply_terms){ .fatal = replay->failure };
	replay->reply = (struct reply){ .resp.hooks = &reply_hooks, .terms = &replay->terms };
	replay->call = (struct call){
		.instance = replay->instance,
		.client = &replay->client,
		.reply = &replay->reply.resp,
	};
}

static struct aof_replayed run(struct aof_replay *base, const char *data, size_t len)
{
	struct replay *replay = (struct replay *)base;
	struct client *client = &replay->client;
	struct batch_result result;
	struct aof_replayed replayed;

	replay->call.close = replay->reply.resp.failed = false;
	client->transaction.start = NULL;
	result = batch_run(&replay->instance->batch, &replay->call, data, len);
	replayed = (struct aof_replayed){
		.used = result.used,
		.want = result.want,
		.failure = result.end ? replay->failure : NULL,
		.malformed = result.wrong,
		.in_multi = client->state & CLIENT_MULTI,
		.multi = client->transaction.start,
	};
	return replayed;
}

void replay_init(struct replay *replay, struct instance *instance)
{
	*replay = (struct replay){ .base = { reset, run }, .instance = instance };
}

void replay_finish(struct replay *replay)
{
	client_clear(&replay->client, &replay->instance->keyspace.watches);
}
