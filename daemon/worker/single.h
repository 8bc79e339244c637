/* SPDX-License-Identifier: MIT */
/*
 * --single: one section in the foreground, in this very process, for debuggers and sanitizers.
 *
 * Called by actions.c.
 */
#ifndef SHINYD_SINGLE_H
#define SHINYD_SINGLE_H

#include "util/exit-code.h"
#include "worker/worker.h"

/* single_run() - serve until the plugin ends it, or SIGINT or SIGTERM; a second one is final */
enum exit_code single_run(const struct worker_job *job, unsigned drain_timeout_ms);

#endif
