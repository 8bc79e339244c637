/* SPDX-License-Identifier: MIT */
/*
 * A worker's last words: which of the plugin's functions it was in, and a backtrace.
 *
 * The signal then takes its course, so that cores are written and sanitizers report.
 */
#ifndef SHINYD_CRASH_H
#define SHINYD_CRASH_H

#include <shiny.h>

/*
 * crash_install() - report fatal signals and exits of this process over @channel from now on
 *
 * @memory is its ceiling, 0 for none, so that reaching it can be told from other deaths.
 */
void crash_install(int channel, int64_t memory);

/* crash_uninstall() - an exit from now on is in order */
void crash_uninstall(void);

/* crash_set_stats() - whose stats tell which event function runs; NULL: nobody's any more */
void crash_set_stats(const struct shiny_stats *stats);

/* What crash_set_function() is told while the plugin's file is mapped: a crash there is a failed load. */
#define CRASH_IN_DLOPEN "dlopen"

/* crash_set_function() - the function of the plugin that runs outside of the server; NULL: none */
void crash_set_function(const char *function);

#endif
