/* SPDX-License-Identifier: MIT */
/*
 * What the process as a whole takes from its configuration, at the start and after a reload.
 */
#ifndef SHINYD_PROCESS_H
#define SHINYD_PROCESS_H

#include "config/config.h"
#include "log/log-target.h"

/*
 * process_open_log() - the target that the log is to have, while it still has another one
 *
 * From now on it is an error, and no signal, where a log cannot be written.
 *
 * Owner:   *@ret is the caller's, for process_configure().
 * Returns: 0; negative if it cannot be opened, which has been added to @problems.
 */
int process_open_log(const struct config *config, struct problems *problems,
		     struct log_target *ret);

/*
 * process_configure() - use the log, and log what the configuration should not have
 *
 * Owner:   takes *@log.
 */
void process_configure(const struct config *config, struct log_target *log);

/*
 * process_warn() - of what can be served and should not be so: files that others may write to, which
 * root has refused, and what probes have found
 */
void process_warn(const struct config *config);

#endif
