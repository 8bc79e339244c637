/* SPDX-License-Identifier: MIT */
/*
 * --single: one section in the foreground, in this very process, for debuggers and sanitizers.
 *
 * Called by actions.c.
 */
#ifndef SHINYD_SINGLE_H
#define SHINYD_SINGLE_H

#include "config/config.h"
#include "listen/sockets.h"
#include "util/exit-code.h"

/*
 * single_run() - serve until the plugin ends it, or SIGINT or SIGTERM; a second one is final
 *
 * Owner:   the descriptors in @sockets are taken.
 */
enum exit_code single_run(struct config_section *section, struct sockets *sockets,
			  const struct privileges *privileges, unsigned drain_timeout_ms);

#endif
