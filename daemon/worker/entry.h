/* SPDX-License-Identifier: MIT */
/*
 * The beginning of a process that launch.h has started.
 */
#ifndef SHINYD_ENTRY_H
#define SHINYD_ENTRY_H

/* entry_main() - do what it is described to do; returns what the process exits with */
int entry_main(void);

#endif
