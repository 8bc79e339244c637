/* SPDX-License-Identifier: MIT */
/*
 * A listening socket: bound here or adopted, and what it accepts.
 *
 * The number of connections that it accepts in a turn follows how many there were in the last one.
 * Called by server.c and listeners.c.
 */
#ifndef SHINY_LISTENER_H
#define SHINY_LISTENER_H

#include "backend.h"
#include "shiny.h"
#include "socket-file.h"

#include <stdbool.h>

struct shiny_conns;

struct shiny_listener {
	struct shiny_watch watch;
	unsigned batch;		       /* how many to accept in a turn */
	bool shut_down;		       /* it accepts nothing any more, and is not watched */
	struct shiny_socket_file file; /* of a unix path that we bound, to be removed */
};

/* As shiny_bind(). */
int shiny_listener_bind(const char *address, const struct shiny_options *options, int *ret_fd);

/* Binds, and removes the path of a unix socket at its finish. */
int shiny_listener_init(struct shiny_listener *listener, const char *address,
			const struct shiny_options *options);

/* Takes over @fd if that succeeds. */
int shiny_listener_adopt(struct shiny_listener *listener, int fd);

void shiny_listener_finish(struct shiny_listener *listener);

int shiny_listener_address(const struct shiny_listener *listener, char *buf, size_t size);

#define SHINY_LISTENER_LEFT 1

/*
 * Accepts the connections that wait, up to a bound. Returns 0; SHINY_LISTENER_LEFT if it left one
 * to a sibling, which it has woken; -EINVAL if a process that shares the listener has shut it down;
 * -EMFILE and the like if the system has no resources left, so that another call now would fail.
 */
int shiny_listener_accept(struct shiny_listener *listener, struct shiny_conns *conns);

#endif
