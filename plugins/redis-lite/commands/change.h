/* SPDX-License-Identifier: MIT */
/*
 * Changes that are logged in another form than they were asked for. For the functions of commands
 * whose effect depends on time or on what there was.
 */
#ifndef REDIS_LITE_COMMANDS_CHANGE_H
#define REDIS_LITE_COMMANDS_CHANGE_H

#include "command/command.h"

/* change_remove() - remove a key that is there */
void change_remove(struct call *call, const struct key *key);

/*
 * change_expiry() - give a key that is there another expiry, 0: never
 *
 * A moment that has passed removes it. False after an error reply.
 */
bool change_expiry(struct call *call, const struct key *key, int64_t moment);

/* For change_log_set(): the key's expiry is what it was. */
#define EXPIRY_KEPT (-1)

/* change_log_set() - log that the first argument has this value now; @expiry 0: never */
void change_log_set(struct call *call, const struct shiny_resp_arg *value, int64_t expiry);

#endif
