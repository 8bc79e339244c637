/* SPDX-License-Identifier: MIT */
/*
 * The process that a server runs in.
 *
 * A child that an event function forks shares its parent's sockets and its set of watched
 * descriptors. If it continued in the loop, it would take its parent's input, and change what the
 * parent watches. So after each event function the library checks that this is still the same
 * process. That must cost next to nothing: it reads a byte in a page that the kernel zeroes in a
 * child (owner-wipe.c), or calls getpid(2) where there is no such page (owner-pid.c).
 *
 * Called by conns.c, conns.h, notice.c, server.c and debug.c.
 */
#ifndef SHINY_OWNER_H
#define SHINY_OWNER_H

#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

struct shiny_owner {
	unsigned char *mark; /* 1, and 0 in a child; NULL: only the pid tells */
	pid_t pid;
};

/* Makes this process the owner. Cannot fail. */
void shiny_owner_init(struct shiny_owner *owner);
void shiny_owner_finish(struct shiny_owner *owner);

/* Makes this process the owner from now on. */
void shiny_owner_claim(struct shiny_owner *owner);

/* Whether this process is a child of the owner. */
static inline bool shiny_owner_is_other(const struct shiny_owner *owner)
{
	return owner->mark ? !*(volatile unsigned char *)owner->mark : owner->pid != getpid();
}

/* Ends this process, which has returned into its parent's loop, with a line on standard error. */
__attribute__((noreturn, cold)) void shiny_owner_abort(void);

#endif
