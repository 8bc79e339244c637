/* SPDX-License-Identifier: MIT */
/*
 * The parent of all workers: one loop that waits for signals, for what workers say, and for the
 * time at which one is started again.
 */
#ifndef SHINYD_SUPERVISOR_H
#define SHINYD_SUPERVISOR_H

#include "config.h"
#include "exit-code.h"
#include "privileges.h"
#include "sockets.h"

/*
 * supervisor_run() - serve every section until told to stop or nothing is left to serve
 *
 * @sockets stands in the order of the config's servers, and is emptied.
 *
 * Returns: EXIT_CODE_OK after SIGTERM or SIGINT, and when every section was ended by its plugin;
 *          EXIT_CODE_RUNTIME when nothing is left and some section has failed.
 */
enum exit_code supervisor_run(const struct config *config, struct sockets *sockets,
			      const struct privileges *privileges);

#endif
