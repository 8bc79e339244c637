/* SPDX-License-Identifier: MIT */
/*
 * What the process as a whole takes from its configuration, at the start and after a reload.
 */
#ifndef SHINYD_PROCESS_H
#define SHINYD_PROCESS_H

#include "config.h"

/*
 * process_configure() - the log, and the limit of descriptors, to which max_connections is lowered
 *
 * Returns: 0; -errno, which is logged, if the log's target cannot be opened.
 */
int process_configure(struct config *config);

#endif
