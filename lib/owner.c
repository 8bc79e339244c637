/* SPDX-License-Identifier: MIT */
/*
 * The process that a server runs in, on all systems; the mark is in owner-wipe.c or owner-pid.c.
 */
#include "owner.h"

#include <stdlib.h>
#include <string.h>

void shiny_owner_claim(struct shiny_owner *owner)
{
	owner->pid = getpid();
	if (owner->mark) {
		*owner->mark = 1;
	}
}

/*
 * It ends as libc ends a program that has corrupted its memory: a return would run the parent's
 * loop.
 */
void shiny_owner_abort(void)
{
	static const char line[] = "libshiny: a child that an event function forked has returned "
				   "into the loop of its parent; it must exec or _exit\n";

	(void)!write(STDERR_FILENO, line, strlen(line));
	abort();
}
