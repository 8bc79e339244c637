/* SPDX-License-Identifier: MIT */
/*
 * A crash reported to the supervisor: which of the plugin's functions ran, and a backtrace.
 *
 * The signal then takes its course, so that cores are written and sanitizers report. An exit that
 * the plugin causes is reported in the same way. What the supervisor makes of it is in child-end.c.
 */
#ifndef SHINYD_CRASH_H
#define SHINYD_CRASH_H

#include <shiny.h>

/*
 * crash_install() - report fatal signals and exits of this process over @channel from now on
 *
 * @memory is its limit, 0 for none, so that a process that died of it can be recognised.
 */
void crash_install(int channel, int64_t memory);

/* crash_uninstall() - an exit from now on is in order */
void crash_uninstall(void);

/* crash_set_stats() - the stats that show which event function runs; NULL: there are none now */
void crash_set_stats(const struct shiny_stats *stats);

/* The function while the plugin's file is mapped: a crash there is a failed load. */
#define CRASH_IN_DLOPEN "dlopen"

/* crash_set_function() - the function of the plugin that runs outside of the server; NULL: none */
void crash_set_function(const char *function);

#endif
