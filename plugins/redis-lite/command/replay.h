/* SPDX-License-Identifier: MIT */
/*
 * Runs the requests of an append-only file for aof/load.c, which knows no commands.
 */
#ifndef REDIS_LITE_COMMAND_REPLAY_H
#define REDIS_LITE_COMMAND_REPLAY_H

#include "aof/load.h"
#include "command/client.h"
#include "command/command.h"

struct replay {
	struct aof_replay base; /* first: who has this has the replay */
	struct instance *instance;
	struct call call;
	struct client client;
	struct reply reply;
	struct reply_terms terms;
	char failure[SHINY_RESP_ERROR_TEXT_MAX]; /* of a request */
};

void replay_init(struct replay *replay, struct instance *instance);
void replay_finish(struct replay *replay);

#endif
