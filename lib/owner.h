/* SPDX-License-Identifier: MIT */
/*
 * The process that a server runs in.
 *
 * A child that an event function forks shares its parent's sockets and its set of watched
 * descriptors. If it went on in the loop, it would take the parent's input away, and change in the
 * set what has an address in the parent's memory. So each return of an event function asks whether
 * this is still the same process, which must cost next to nothing: a byte in a page that the kernel
 * zeroes in a child (owner-wipe.c), or getpid(2) where there is no such page (owner-pid.c).
 *
 * Called by conns.c, conns.h, notice.c and server.c.
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

/* Owned by this process. Cannot fail. */
void shiny_owner_init(struct shiny_owner *owner);
void shiny_owner_finish(struct shiny_owner *owner);

/* Owned by this process from now on. */
void shiny_owner_claim(struct shiny_owner *owner);

/* Whether the owner is another process, of which this is a child. */
static inline bool shiny_owner_is_other(const struct shiny_owner *owner)
{
	return owner->mark ? !*(volatile unsigned char *)owner->mark : owner->pid != getpid();
}

/* Ends this process, with a line on standard error: it has come back into its parent's loop. */
__attribute__((noreturn, cold)) void shiny_owner_abort(void);

#endif
