/* SPDX-License-Identifier: MIT */
/*
 * A worker's last words: which of the plugin's functions it was in, and a backtrace.
 *
 * The signal then takes its course, so that cores are written and sanitizers report.
 */
#ifndef SHINYD_CRASH_H
#define SHINYD_CRASH_H

/*
 * The plugin's function that this thread runs, or NULL. Set around every call of one; see host.c.
 * A plugin's own threads are in none.
 */
extern _Thread_local const char *volatile crash_callback;

/* crash_watch() - report fatal signals of this process over @channel from now on */
void crash_watch(int channel);

#endif
