/* SPDX-License-Identifier: MIT */
/*
 * A process for what runs a plugin: the program that runs already, executed anew.
 *
 * It has addresses and canaries of its own, and of its parent nothing but the descriptors that are
 * handed to it: the description of what it is to do, a channel to answer by, and what else its kind
 * needs. The program is opened once, so that it is the same one whatever became of its file.
 */
#ifndef SHINYD_LAUNCH_H
#define SHINYD_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

/* Where it finds what it gets; what else its kind needs follows. */
enum launch_descriptor {
	LAUNCH_DESCRIPTION = STDERR_FILENO + 1,
	LAUNCH_CHANNEL,
	LAUNCH_MORE,
};

struct launch {
	const char *title; /* for ps(1), behind "shinyd: " */
	int output;	   /* what it has as standard output and error */
	const int *handed; /* what it has from LAUNCH_DESCRIPTION on */
	size_t handed_count;
};

/* launch_open_program() - before the first launch; 0 or -errno */
int launch_open_program(void);
void launch_close_program(void);

/*
 * launch_start() - have it executed
 *
 * Whatever the process does not get is closed in it. Its environment is that of
 * environment.h.
 *
 * Owner:   the descriptors stay the caller's.
 * Returns: its process id, or -errno.
 */
pid_t launch_start(const struct launch *launch);

/* launch_is_launched() - in main(): whether this process is such a one */
bool launch_is_launched(int argc, char *const argv[]);

#endif
