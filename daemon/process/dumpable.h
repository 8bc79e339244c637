/* SPDX-License-Identifier: MIT */
/*
 * Whether other processes of the same user may read and trace this one.
 *
 * What holds the secrets of all sections must not be read by a worker that runs as the same user.
 */
#ifndef SHINYD_DUMPABLE_H
#define SHINYD_DUMPABLE_H

/*
 * dumpable_forbid() - no other process but root's may read this one's memory, and it leaves no core
 *
 * Does nothing in a build with sanitizers, whose leak check traces the process that it runs in.
 */
void dumpable_forbid(void);

/* dumpable_allow() - as a process is by itself: its user may trace it, and a crash leaves a core */
void dumpable_allow(void);

#endif
