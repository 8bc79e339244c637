/* SPDX-License-Identifier: MIT */
/*
 * Those who ask at the status socket.
 *
 * Each says in a line what it wants: "status" or "reload". One that ends its side without a word
 * wants the status. The answer is text with a byte of 0 behind it, which shows that it is whole; to
 * "reload" it is the number that the asker is to exit with, alone in its line, and what there is to
 * say. Before that comes an empty line each second, which shows that the supervisor is at it.
 *
 * Nobody is waited for: not who says nothing, nor who does not read.
 */
#ifndef SHINYD_ASKERS_H
#define SHINYD_ASKERS_H

#include "util/exit-code.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASKERS_MAX     16   /* at a time; more wait in the socket's backlog */
#define ASKER_END_MARK '\0' /* behind an answer */

enum asker_state {
	ASKER_NONE,
	ASKER_SILENT,  /* has not said what it wants */
	ASKER_STATUS,  /* wants that */
	ASKER_RELOAD,  /* wants that, and it has not begun */
	ASKER_FOLLOWS, /* wants to know how the reload ends that is under way */
};

struct asker {
	enum asker_state state;
	int fd;
	char request[16];
	size_t len;
	int64_t due_ms; /* when it must have spoken, or is told that we are at it */
};

/* Zeroed memory has none. */
struct askers {
	struct asker all[ASKERS_MAX];
};

/* askers_finish() - leave all alone that have no answer */
void askers_finish(struct askers *askers);

bool askers_have_room(const struct askers *askers);

/* askers_add() - one more, where there is room; takes @fd */
void askers_add(struct askers *askers, int fd, int64_t now_ms);

/* askers_watch() - what to wait for; returns how many */
size_t askers_watch(const struct askers *askers, struct pollfd ret_fds[ASKERS_MAX]);

/* askers_timeout() - when askers_turn() is due without an event; INT64_MAX: never */
int64_t askers_timeout(const struct askers *askers);

/* askers_turn() - hear what they want; returns whether somebody wants a reload who did not before */
bool askers_turn(struct askers *askers, int64_t now_ms);

/* askers_want() - whether there is one in that state */
bool askers_want(const struct askers *askers, enum asker_state state);

/* askers_follow() - a reload begins: those who want one are told how it ends */
void askers_follow(struct askers *askers);

/* askers_tell_status() - answer those who want it */
void askers_tell_status(struct askers *askers, const char *text);

/* askers_tell_reload() - answer those who follow one: exit with @code, having printed @text */
void askers_tell_reload(struct askers *askers, enum exit_code code, const char *text);

#endif
