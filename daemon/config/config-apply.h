/* SPDX-License-Identifier: MIT */
/*
 * What the process as a whole takes from its configuration, at the start and after a reload: its
 * log. And what can be served and yet should not be so, which is logged then.
 *
 * Called by actions.c and by supervisor-reload.c.
 */
#ifndef SHINYD_CONFIG_APPLY_H
#define SHINYD_CONFIG_APPLY_H

#include "config/config.h"
#include "log/log-target.h"

/*
 * config_open_log() - the target that the log is to have, while it still has another one
 *
 * From now on it is an error, and no signal, where a log cannot be written.
 *
 * Owner:   *@ret is the caller's, for config_apply().
 * Returns: 0; negative if it cannot be opened, which has been added to @problems.
 */
int config_open_log(const struct config *config, struct problems *problems, struct log_target *ret);

/*
 * config_apply() - use the log, and log what the configuration should not have
 *
 * Owner:   takes *@log.
 */
void config_apply(const struct config *config, struct log_target *log);

/*
 * config_warn() - of what can be served and should not be so: files that others may write to, which
 * root has refused, and what probes have found
 */
void config_warn(const struct config *config);

#endif
