/* SPDX-License-Identifier: MIT */
/*
 * The first process, the parent of all workers: one loop that waits for signals, for what children
 * say, and for the time at which something is due.
 *
 * It never runs a plugin's code, and believes nothing that comes from one. Called by actions.c.
 */
#ifndef SHINYD_SUPERVISOR_H
#define SHINYD_SUPERVISOR_H

#include "config/config.h"
#include "service/service-manager.h"
#include "supervisor/orphans.h"
#include "util/exit-code.h"

/*
 * supervisor_run() - serve every section until told to stop or nothing is left to serve
 *
 * @args is where a reload finds the configuration. What plugins leave behind is killed as long as it
 * runs; the caller calls orphans_finish().
 *
 * Returns: EXIT_CODE_OK after SIGTERM or SIGINT, and when every section was ended by its plugin;
 *          EXIT_CODE_RUNTIME when nothing is left and some section has failed; anything, with
 *          @problems added, if an address cannot be bound.
 */
enum exit_code supervisor_run(const struct config_args *args, struct config *config,
			      const struct inherited *inherited, struct orphans *orphans,
			      struct problems *problems);

#endif
